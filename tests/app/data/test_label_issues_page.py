"""Label issues on the Data page: a wrong label is found, what is decided is written beside the photos, and undone."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.dataset.scan import scan
from core.evaluation.label_issues import label_issues
from core.schema.labels import Label
from tests.app.conftest import words
from tests.fixtures.doubts_support import fold_runs

SWAPPED = "no_mask/swapped.jpg"


@pytest.fixture
def doubted(faces: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, page: Callable[..., AppTest]):
    """A dataset with a masked face in no_mask, which the finished folds of a training contradict; and the Data page
    with its doubts found."""
    data = shutil.copytree(faces, own_home / "datasets" / "drawn")
    masked = sorted((data / "mask").glob("*"))[0]
    masked.rename(data / SWAPPED)
    groups = (data / "groups.csv").read_text().replace(f"mask/{masked.name},", f"{SWAPPED},", 1)
    (data / "groups.csv").write_text(groups)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    fold_runs(data, {SWAPPED: Label.MASK})
    app = page("1_Data.py")
    app.segmented_control(key=f"data_view:{data}:0").set_value("Label issues").run()
    next(button for button in app.button if button.label == "Find label issues").click().run()
    assert not app.exception
    return data, app


def _labels(data: Path) -> dict[str, Label]:
    return {photo.file: photo.label for photo in scan(data).photos}


def test_a_wrong_label_is_doubted_and_relabelled_beside_the_data(doubted):
    data, app = doubted
    assert "the 3 folds of" in words(app)
    assert "**0 of 1 reviewed**" in words(app)
    before = {path: path.read_bytes() for path in sorted(data.rglob("*.*")) if path.is_file()}
    app.button(key=f"doubt Relabel as mask {SWAPPED}").click().run()
    assert not app.exception
    with (data / "decisions.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["decision"], row["label"], row["was"]) == (SWAPPED, "relabel", "mask", "no_mask")
    assert _labels(data)[SWAPPED] is Label.MASK
    assert {path: path.read_bytes() for path in before} == before, "no photo is moved or changed"
    assert "**1 of 1 reviewed**" in words(app)


def test_exclusion_is_told_and_can_be_undone(doubted):
    data, app = doubted
    app.button(key=f"doubt Exclude {SWAPPED}").click().run()
    assert SWAPPED not in _labels(data)
    assert "excluded by hand" in {item.file: item.reason for item in scan(data).refused}[SWAPPED]
    app.button(key=f"doubt Undo {SWAPPED}").click().run()
    assert not app.exception
    assert _labels(data)[SWAPPED] is Label.NO_MASK
    assert not (data / "decisions.csv").exists()


def test_keeping_a_label_takes_the_photo_off_the_list(doubted):
    data, app = doubted
    keep = f"doubt Keep no_mask {SWAPPED}"
    app.button(key=keep).click().run()
    assert keep not in {button.key for button in app.button}
    assert _labels(data)[SWAPPED] is Label.NO_MASK
    assert SWAPPED not in {doubt.file for doubt in label_issues.find(scan(data)).items}
    app.button(key="doubts_undo").click().run()
    assert keep in {button.key for button in app.button}
