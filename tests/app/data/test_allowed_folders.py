"""Links in datasets/ lead no page out of the folders that it may read, and what is left out for that is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.conftest import words
from tests.fixtures.support import picture


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A dataset whose third label is a link out of it."""
    for number, place in enumerate(("datasets/own/mask", "datasets/own/no_mask", "out/wrong_mask", "far/x")):
        (tmp_path / place).mkdir(parents=True)
        for turn in range(2):
            picture(10 * number + turn).save(tmp_path / place / f"{turn}.png")
    (tmp_path / "datasets" / "own" / "wrong_mask").symlink_to(tmp_path / "out" / "wrong_mask")
    return tmp_path


def test_a_linked_label_folder_outside_is_listed_and_not_read(linked: Path, page):
    app = page("1_Data.py")
    assert {metric.label: metric.value for metric in app.metric} == {
        "mask": "2", "no_mask": "2", "Groups": "4", "Unreadable files": "1",
    }  # fmt: skip
    rows = next(table.value for table in app.dataframe if "reason" in table.value)
    assert list(rows.file) == ["wrong_mask"]
    assert rows.reason[0].startswith("a link that leads out of this dataset")


def test_a_linked_dataset_outside_is_a_sentence(linked: Path, page):
    (linked / "datasets" / "own" / "wrong_mask").unlink()
    (linked / "datasets" / "own").rename(linked / "far" / "own")
    (linked / "datasets" / "own").symlink_to(linked / "far" / "own")
    assert f"{linked}/far/own is outside the folders this server may read" in words(page("1_Data.py")).replace("\\", "")
