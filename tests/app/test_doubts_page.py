"""Label doubts on the Data page: a wrong label is found, what is decided is written beside the photos, and undone."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import runs
from core.data.scan import scan
from core.labels import Label
from core.training import launch, study
from tests.app.conftest import words
from tests.support import tiny_config, wait_for

SWAPPED = "no_mask/swapped.jpg"


@pytest.fixture(scope="module")
def doubtful_home(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with drawn faces, one masked face lying in no_mask, and the three folds of a training on them."""
    home = tmp_path_factory.mktemp("doubtful")
    data = home / "datasets" / "drawn"
    shutil.copytree(faces, data)
    masked = sorted((data / "mask").glob("*"))[0]
    masked.rename(data / SWAPPED)
    groups = (data / "groups.csv").read_text().replace(f"mask/{masked.name},", f"{SWAPPED},", 1)
    (data / "groups.csv").write_text(groups)
    before = dict(os.environ)
    os.environ |= {"MASKLAB_HOME": str(home), "OMP_NUM_THREADS": "2"}
    try:
        config = tiny_config(data, image_size=64, epochs=12, batch_size=8, wrong_mask=True)
        launch.start_all(study.configs(config, "folds", 3))
        wait_for(lambda: all(not run.state.active for run in runs.every()), 240)
        assert {run.state.status for run in runs.every()} == {"finished"}
    finally:
        os.environ.clear()
        os.environ.update(before)
    return home


@pytest.fixture
def doubted(doubtful_home: Path, monkeypatch: pytest.MonkeyPatch, page: Callable[..., AppTest]) -> tuple[Path, AppTest]:
    """The dataset, and the Data page with its doubts found."""
    data = doubtful_home / "datasets" / "drawn"
    (data / "decisions.csv").unlink(missing_ok=True)
    monkeypatch.setenv("MASKLAB_HOME", str(doubtful_home))
    monkeypatch.setenv("MASKLAB_DATA", str(doubtful_home / "datasets"))
    app = page("1_Data.py")
    app.segmented_control(key="data_view").set_value("Label doubts").run()
    next(button for button in app.button if button.label == "Look for label doubts").click().run()
    assert not app.exception
    return data, app


def _labels(data: Path) -> dict[str, Label]:
    return {photo.file: photo.label for photo in scan(data).photos}


def test_a_wrong_label_is_doubted_and_relabelled_beside_the_data(doubted):
    data, app = doubted
    assert "the 3 folds of" in words(app)
    before = {path: path.read_bytes() for path in sorted(data.rglob("*.*")) if path.is_file()}
    app.button(key=f"relabel_mask_{SWAPPED}").click().run()
    assert not app.exception
    with (data / "decisions.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["decision"], row["label"], row["was"]) == (SWAPPED, "relabel", "mask", "no_mask")
    assert _labels(data)[SWAPPED] is Label.MASK
    assert {path: path.read_bytes() for path in before} == before, "no photo is moved or changed"
    assert "1 of" in words(app)


def test_exclusion_is_told_and_can_be_undone(doubted):
    data, app = doubted
    app.button(key=f"exclude_{SWAPPED}").click().run()
    assert SWAPPED not in _labels(data)
    assert "excluded by hand" in {item.file: item.reason for item in scan(data).refused}[SWAPPED]
    app.button(key=f"undo_{SWAPPED}").click().run()
    assert not app.exception
    assert _labels(data)[SWAPPED] is Label.NO_MASK
    assert not (data / "decisions.csv").exists()


def test_keeping_a_label_takes_the_photo_off_the_list(doubted):
    data, app = doubted
    app.button(key=f"keep_{SWAPPED}").click().run()
    assert f"keep_{SWAPPED}" not in {button.key for button in app.button}
    assert _labels(data)[SWAPPED] is Label.NO_MASK
    next(button for button in app.button if button.label == "Undo the last").click().run()
    assert f"keep_{SWAPPED}" in {button.key for button in app.button}
