"""New datasets: the folder that is made, and names that are refused."""

from __future__ import annotations

import pytest

from core.data.collect import new_dataset
from core.data.dataset import label_folders, scan
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.store import paths


@pytest.mark.parametrize("labels", [TWO_CLASSES, THREE_CLASSES])
def test_a_new_dataset_is_one_that_is_found_and_empty(own_home, labels):
    folder = new_dataset.make(" My class ", labels)
    assert folder == paths.datasets_dir() / "My_class"
    assert label_folders.find_datasets(paths.datasets_dir()) == [folder]
    assert scan.scan(folder).photos == () and label_folders.count_files(folder) == {}


def test_a_name_that_is_taken_is_refused(own_home):
    new_dataset.make("class", TWO_CLASSES)
    with pytest.raises(UserError, match="There is a folder class"):
        new_dataset.make("class", TWO_CLASSES)


def test_a_dataset_without_mask_is_refused(own_home):
    with pytest.raises(UserError, match="at least the labels mask and no_mask"):
        new_dataset.make("class", [Label.NO_MASK])


@pytest.mark.parametrize(
    "name", ["", "  ", "..", ".hidden", "a/b", "a\\b", "a:b", "x" * 61, "CON", "nul.txt", "a\0b", "a\nb|", "<b>"]
)
def test_odd_names_are_refused(name):
    with pytest.raises(UserError):
        new_dataset.folder_name(name)


@pytest.mark.parametrize(("typed", "name"), [("Ömer", "Ömer"), ("李 雷", "李_雷"), ("a  b\tc", "a_b_c")])
def test_names_of_all_alphabets_are_kept(typed, name):
    assert new_dataset.folder_name(typed) == name


def test_a_folder_that_can_not_be_made_is_said(tmp_path, monkeypatch):
    (tmp_path / "photos").write_text("a file")
    monkeypatch.setenv("MASKLAB_DATA", str(tmp_path / "photos"))
    with pytest.raises(UserError, match="can't be made"):
        new_dataset.make("class", TWO_CLASSES)
