"""Features of an ImageNet network: what they are, and that they are computed once, whatever comes between.

Without ImageNet weights: a fresh random network each time, so that equal features can only come from the record.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.data.cache import network_outputs as kept
from core.data.images.decode import decode
from core.data.images.preprocessing import Preprocessing
from core.evaluation.label_issues import imagenet_features
from tests.fixtures.doubts_support import random_network
from tests.fixtures.support import broken_files

SIDE = 64


@pytest.fixture
def own(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[str]]:
    """A folder of drawn faces and the names of a dozen of them; small squares, for speed."""
    monkeypatch.setattr(imagenet_features, "build", random_network)
    monkeypatch.setattr(imagenet_features, "CONFIG", imagenet_features.CONFIG.model_copy(update={"image_size": SIDE}))
    root = tmp_path / "faces"
    shutil.copytree(faces / "mask", root / "mask")
    return root, sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))[:12]


def test_features_are_the_rows_of_the_network_s_last_map(own):
    root, files = own
    torch.manual_seed(0)
    found = imagenet_features.find(root, files)
    torch.manual_seed(0)
    network = random_network(imagenet_features.CONFIG, 2).features.eval()
    pixels = np.stack([Preprocessing(SIDE).square(decode(root / file, wanted_side=SIDE)) for file in files])
    with torch.inference_mode():
        maps = network(Preprocessing(SIDE).normalise(torch.from_numpy(pixels))).numpy()
    assert maps.shape == (12, 1280, 2, 2)
    assert maps.std() > 0.1
    for file, own_map in zip(files, maps, strict=True):
        upper, lower = found[file].reshape(1280, 2).T
        assert np.allclose(upper, own_map[:, 0].mean(axis=1), atol=5e-3)
        assert np.allclose(lower, own_map[:, 1].mean(axis=1), atol=5e-3)


def test_the_second_look_reads_the_record_and_a_changed_photo_is_looked_at_again(own):
    root, files = own
    first = imagenet_features.find(root, files)
    shutil.copy(root / files[1], root / files[0])
    os.utime(root / files[0], ns=(1, 1))
    second = imagenet_features.find(root, files)
    assert [np.array_equal(first[file], second[file]) for file in files] == [False] + [True] * 11


def test_what_was_found_before_an_interruption_is_kept(own, monkeypatch: pytest.MonkeyPatch):
    root, files = own
    monkeypatch.setattr(imagenet_features, "_BATCH", 8)

    def interrupt(done: int, total: int) -> None:
        assert (done, total) == (8, 12)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imagenet_features.find(root, files, interrupt)
    told = []
    imagenet_features.find(root, files, lambda *count: told.append(count))
    assert told == [(12, 12)]


def test_damaged_and_missing_photos_have_no_features(own):
    root, files = own
    damaged = [f"mask/{name}" for name in broken_files(root / "mask")]
    found = imagenet_features.find(root, [*damaged, "mask/missing.jpg", *files])
    assert list(found) == files
    assert imagenet_features.find(root, damaged) == {}


@pytest.mark.parametrize("record", [b"", b"PK no archive", b"\x93NUMPY"])
def test_a_damaged_record_costs_time_only(own, own_home: Path, record: bytes):
    root, files = own
    imagenet_features.find(root, files)
    (kept,) = (own_home / "cache" / "features").iterdir()
    kept.write_bytes(record)
    assert list(imagenet_features.find(root, files)) == files


def test_features_are_counted_capped_and_cleared_with_the_other_caches(own, monkeypatch, capsys, tmp_path: Path):
    root, files = own
    imagenet_features.find(root, files)
    (first,) = kept.folder().iterdir()
    assert kept.size() == first.stat().st_size > 12 * 1280
    assert main(["cache"]) == 0
    assert f"Cached features and networks: {first.stat().st_size / 1e6:,.0f} MB of 4,295 MB" in capsys.readouterr().out
    views = kept.folder() / "views.npy"
    views.write_bytes(bytes(1000))
    for path in (views, first):
        os.utime(path, ns=(1, 1))
    imagenet_features.find(root, files)
    monkeypatch.setattr(kept, "MOST_BYTES", 2 * first.stat().st_size + 500)
    other = shutil.copytree(root, tmp_path / "other")
    imagenet_features.find(other, files)
    assert first.exists() and not views.exists(), "the one that was read later stays"
    draft = kept.folder() / "killed.npz.1-1.tmp"
    draft.write_bytes(b"half")
    assert kept.size() == 2 * first.stat().st_size, "somebody may be writing it"
    os.utime(draft, ns=(1, 1))
    assert main(["cache", "--clear"]) == 0
    assert kept.size() == 0 and list(kept.folder().iterdir()) == []


def test_a_record_that_cannot_be_written_stops_nobody(own, own_home: Path):
    own_home.mkdir(exist_ok=True)
    (own_home / "cache").write_text("a file where the folder should be")
    root, files = own
    assert list(imagenet_features.find(root, files)) == files
