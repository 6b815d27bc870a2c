"""The command `import`: a ZIP and a folder, what it says and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.data.collect import new_dataset, sources
from core.data.collect.inbox import crops
from core.data.synthetic.demo import draw_scene, make_clip
from core.schema.labels import TWO_CLASSES
from tests.fixtures.import_support import packed


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", TWO_CLASSES)


def test_a_folder_and_a_zip_are_imported(tmp_path, root, faces, capsys):
    assert main(["import", str(faces / "mask"), str(root), "--label", "mask", "-person", "anna"]) == 0
    assert capsys.readouterr().err == "20 photos added (mask 20).\n"
    files = {f"no_mask/{path.name}": path.read_bytes() for path in (faces / "no_mask").iterdir()}
    (tmp_path / "x.zip").write_bytes(packed(files | {"../mask/1.jpg": b""}))
    assert main(["import", str(tmp_path / "x.zip"), str(root), "--source", "camera A"]) == 0
    out, err = capsys.readouterr()
    assert out == "../mask/1.jpg  its path leads out of the folder\n"
    assert err == "20 photos added (no_mask 20), 1 refused.\n"
    assert set(sources.read(root).values()) == {"camera A"}
    assert len(list((root / "mask" / "anna").iterdir())) == len(list((root / "no_mask").iterdir())) == 20


def test_a_video_of_a_person_is_imported(tmp_path, root, capsys):
    clip = make_clip(tmp_path / "clip.mp4", (("mask", 1.0),))
    assert main(["import", str(clip), str(root)]) == 0
    assert "1 refused" in capsys.readouterr().err
    assert main(["import", str(clip), str(root), "--label", "mask", "--person", "anna"]) == 0
    kept = sorted((root / "mask" / "anna").iterdir())
    assert 1 <= len(kept) <= 4
    assert capsys.readouterr().err.startswith(f"{len(kept)} photo")


@pytest.mark.parametrize("photos", ["none.zip", "no.zip", "none.mp4"])
def test_what_can_t_be_imported_is_a_sentence(tmp_path, root, photos, capsys):
    (tmp_path / "no.zip").write_bytes(b"no zip")
    assert main(["import", str(tmp_path / photos), str(root)]) == 2
    assert photos in capsys.readouterr().err


def test_faces_of_photos_without_a_label_wait_in_the_inbox(tmp_path, root, capsys):
    (tmp_path / "party").mkdir()
    draw_scene(["mask", "no_mask"], np.random.default_rng(1))[0].save(tmp_path / "party" / "1.png")
    assert main(["import", str(tmp_path / "party"), str(root), "--inbox"]) == 0
    assert capsys.readouterr().err == "2 faces in the inbox.\n"
    assert {face.note.network for face in crops.read(root)} == {"starter.pth"}
    assert main(["import", str(tmp_path / "party"), str(root), "--inbox", str(tmp_path / "no.pth")]) == 2
    assert "no.pth" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "party"), str(root), "--inbox", "--label", "mask"]) == 2
    assert "not allowed with" in capsys.readouterr().err


def test_a_dataset_that_is_not_there_is_not_made(tmp_path, faces, capsys):
    assert main(["import", str(faces), str(tmp_path / "missing")]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert not (tmp_path / "missing").exists()
