"""The label folders of a dataset: aliases, what is no dataset, links, and folders that may not be read."""

from __future__ import annotations

import ast
import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.data.dataset.label_folders import count_files, label_folders
from core.data.dataset.scan import scan
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store.paths import PROJECT
from tests.fixtures.scan_support import aliased, put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return aliased(tmp_path / "photos")


def test_aliases_are_understood(root: Path):
    found = scan(root)
    assert found.labels == ("mask", "no_mask", "wrong_mask")
    assert found.counts == {"mask": 2, "no_mask": 2, "wrong_mask": 2}
    assert {photo.file: str(photo.label) for photo in found.photos}["without-mask/1.png"] == "no_mask"
    assert count_files(root) == found.counts


def test_two_folders_of_one_label_are_one_label(root: Path):
    put(root / "masked" / "more.png", 40)
    assert scan(root).counts[Label.MASK] == 3


def test_an_unknown_folder_is_named(root: Path):
    (root / "cats").mkdir()
    with pytest.raises(UserError, match=r"'cats'.*mask, no_mask or wrong_mask"):
        scan(root)


def test_the_parent_of_a_dataset_gets_a_hint(root: Path, tmp_path: Path):
    parent = tmp_path / "downloads"
    parent.mkdir()
    root.rename(parent / "labeled")
    with pytest.raises(UserError, match=f"{parent / 'labeled'} does: use that path"):
        label_folders(parent)


def test_missing_and_lone_folders(root: Path, tmp_path: Path):
    with pytest.raises(UserError, match=r"There is no folder .*nowhere"):
        scan(tmp_path / "nowhere")
    put(tmp_path / "lone" / "mask" / "a.png", 1)
    with pytest.raises(UserError, match="has mask: it needs at least the folders mask and no_mask"):
        scan(tmp_path / "lone")
    (tmp_path / "bare").mkdir()
    with pytest.raises(UserError, match="no folder"):
        scan(tmp_path / "bare")
    put(tmp_path / "odd" / "mask" / "a.png", 1)
    put(tmp_path / "odd" / "wrong_mask" / "a.png", 1)
    with pytest.raises(UserError, match="at least the folders mask and no_mask"):
        scan(tmp_path / "odd")


def test_hidden_files_are_passed_over(root: Path):
    put(root / "With Mask" / ".hidden.png", 60)
    put(root / "With Mask" / ".thumbs" / "a.png", 61)
    (root / ".git").mkdir()
    (root / "README.txt").write_text("about these photos")
    found = scan(root)
    assert found.counts[Label.MASK] == 2
    assert found.refused == ()


@pytest.fixture
def elsewhere(root: Path) -> Path:
    """A folder with a photo, beside the dataset."""
    put(root.parent / "elsewhere" / "1.png", 70)
    return root.parent / "elsewhere"


def reasons(root: Path) -> dict[str, str]:
    return {item.file: item.reason for item in scan(root).refused}


def test_a_linked_folder_of_a_person_is_listed_with_its_count(root: Path):
    put(root / "With Mask" / "anna" / "1.png", 62)
    put(root / "With Mask" / "anna" / "2.png", 63)
    (root / "without-mask" / "anna").symlink_to(root / "With Mask" / "anna")
    found = scan(root)
    assert found.counts == {"mask": 4, "no_mask": 2, "wrong_mask": 2} == count_files(root)
    (only,) = found.refused
    assert only.file == "without-mask/anna"
    assert "a link to a folder, which is not followed (2 files in it)" in only.reason


def test_links_that_lead_nowhere_or_round_are_listed(root: Path):
    folder = root / "With Mask"
    (folder / "gone.png").symlink_to(folder / "never.png")
    (folder / "round").symlink_to(folder / "about")
    (folder / "about").symlink_to(folder / "round")
    (folder / "above").symlink_to(root)
    os.mkfifo(folder / "pipe.png")
    found = reasons(root)
    assert "can't be followed (No such file" in found["With Mask/gone.png"]
    assert "can't be followed (Too many levels" in found["With Mask/round"]
    assert "not followed (10 files in it)" in found["With Mask/above"]
    assert found["With Mask/pipe.png"] == "neither a file nor a folder"
    assert scan(root).counts == {"mask": 2, "no_mask": 2, "wrong_mask": 2}


def test_links_within_the_dataset_are_followed_to_files(root: Path):
    (root / "With Mask" / "again.png").symlink_to("0.png")
    (root / "masked").symlink_to("With Mask")
    assert scan(root).counts[Label.MASK] == 6
    assert reasons(root) == {}


def test_links_out_of_the_allowed_folders_are_refused(root: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch):
    (root / "With Mask" / "photo.png").symlink_to(elsewhere / "1.png")
    (root / "With Mask" / "anna").symlink_to(elsewhere)
    (root / "masked").symlink_to(elsewhere)
    found = reasons(root)
    assert set(found) == {"With Mask/photo.png", "With Mask/anna", "masked"}
    assert all("leads out of this dataset" in reason and "1 file" not in reason for reason in found.values())
    assert count_files(root) == scan(root).counts == {"mask": 2, "no_mask": 2, "wrong_mask": 2}
    monkeypatch.setenv("MASKLAB_DATA", str(root.parent))
    assert scan(root).counts[Label.MASK] == 4
    assert set(reasons(root)) == {"With Mask/anna"}


def test_a_label_that_is_only_a_link_out_is_named(root: Path, elsewhere: Path, tmp_path: Path):
    lone = tmp_path / "lone"
    put(lone / "mask" / "a.png", 1)
    (lone / "no_mask").symlink_to(elsewhere)
    with pytest.raises(UserError, match=r"has mask: .* no_mask is a link that leads out of this dataset"):
        label_folders(lone)


def test_folders_that_may_not_be_read_are_listed(root: Path):
    put(root / "With Mask" / "anna" / "1.png", 62)
    for closed in (root / "With Mask" / "anna", root / "Mask_Weared_Incorrect"):
        closed.chmod(0)
    code = (
        "import sys; from pathlib import Path; from core.data.dataset.scan import as_rows, scan; "
        "print(as_rows(scan(Path(sys.argv[1])).refused))"
    )
    try:
        said = subprocess.run(
            [sys.executable, "-c", code, str(root)], cwd=PROJECT, capture_output=True, text=True, check=True,
            preexec_fn=_without_roots_rights,
        )  # fmt: skip
    finally:
        for closed in (root / "With Mask" / "anna", root / "Mask_Weared_Incorrect"):
            closed.chmod(0o755)
    found = {item["file"]: item["reason"] for item in ast.literal_eval(said.stdout)}
    assert set(found) == {"With Mask/anna", "Mask_Weared_Incorrect"}
    assert all("can't be read, nor its files counted (Permission denied)" in reason for reason in found.values())


def _without_roots_rights() -> None:
    """Root reads whatever it likes: give that right up (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) before the program
    starts. Everyone else hasn't got it."""
    drop_from_bounding_set = 24
    for right in (1, 2):
        ctypes.CDLL(None).prctl(drop_from_bounding_set, right, 0, 0, 0)
