"""`versions` from the command line: the versions of a dataset's runs, and what changed from one to another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.cli.main import main
from core.data.dataset import label_decisions
from core.data.dataset.scan import scan
from core.evaluation.versions import known
from core.schema.labels import Label
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import picture


@pytest.fixture
def root(faces: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(faces, tmp_path / "own"))


def test_versions_are_listed_and_compared(root, tmp_path, capsys):
    assert main(["versions", str(root)]) == 0
    assert "No run of this dataset tells" in capsys.readouterr().out
    first = finished_run(root, right)
    relabelled = next(photo.file for photo in scan(root).photos if photo.label is Label.NO_MASK)
    label_decisions.decide(root, relabelled, "relabel", Label.MASK)
    picture(70).save(root / "mask" / "added.png")
    second, out = finished_run(root, right), tmp_path / "told.json"
    older, newer = (known.read(run) for run in (first, second))

    assert main(["versions", str(root), "--json", str(out)]) == 0
    said, told = capsys.readouterr().out, json.loads(out.read_text())
    lines = [line.split() for line in said.splitlines()]
    assert [line[:2] for line in lines[1:]] == [
        [version.id[:8], str(version.head.photos)] for version in (newer, newer, older)
    ]
    assert told["now"]["id"] == newer.id and [one["runs"] for one in told["versions"]] == [[second.id], [first.id]]

    for named in ([first.id], [older.id[:8], "now"], [str(first.folder), second.id]):
        assert main(["versions", str(root), *named, "--json", str(out)]) == 0
        said, told = capsys.readouterr().out, json.loads(out.read_text())
        assert f"1 added, 1 relabelled; {len(older.entries) - 1} the same." in said
        assert f"{relabelled} (no_mask -> mask)" in said and "mask/added.png" in said
        assert told["counts"] == {"added": {"mask": 1}, "relabelled": {"mask": 1}}
    assert main(["versions", str(root), first.id, first.id]) == 0
    assert "Nothing changed between them." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("versions", "words"),
    [(["a", "b", "c"], "type no more than two"), (["beef"], "No run was given a version 'beef'"), (["../x"], "no run")],
)
def test_what_is_no_version_is_a_sentence(root, capsys, versions, words):
    assert main(["versions", str(root), *versions]) == 2
    assert words in capsys.readouterr().err
