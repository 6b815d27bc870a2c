"""Photos written into a dataset: by many at once, twice, over others, and where nothing can be written."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.data.collect import new_dataset
from core.data.collect.keep_photo import Kept, keep
from core.data.dataset.scan import scan
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label


@pytest.fixture
def root(own_home: Path) -> Path:
    return new_dataset.make("class", TWO_CLASSES)


def test_a_photo_is_kept_where_a_scan_finds_its_label_and_person(root, photo_bytes):
    kept = keep(root, Label.MASK, "Anna B", "1.jpg", photo_bytes(1))
    assert kept == Kept("mask/Anna_B/1.jpg", new=True)
    [found] = scan(root).photos
    assert (found.file, found.label, found.folder) == (kept.file, Label.MASK, "Anna_B")


def test_the_same_photo_is_kept_once_and_another_of_its_name_beside_it(root, photo_bytes):
    first = keep(root, Label.MASK, "", "1.jpg", photo_bytes(1))
    assert keep(root, Label.MASK, "", "1.jpg", photo_bytes(1)) == Kept(first.file, new=False)
    other = keep(root, Label.MASK, "", "1.jpg", photo_bytes(2))
    assert other.new and other.file != first.file
    assert keep(root, Label.MASK, "", "1.jpg", photo_bytes(2)) == Kept(other.file, new=False)
    assert len(scan(root).photos) == 2


def test_ten_at_once_lose_nothing(root, photo_bytes):
    photos = [photo_bytes(seed) for seed in range(40)]
    with ThreadPoolExecutor(10) as many:
        kept = list(many.map(lambda data: keep(root, Label.NO_MASK, "ben", "photo.jpg", data), photos))
    assert len({one.file for one in kept}) == len(photos)
    assert {(root / one.file).read_bytes() for one in kept} == set(photos)
    assert not [name for name in os.listdir(root / "no_mask" / "ben") if name.startswith(".")]


def test_a_label_folder_of_another_name_is_used(root, photo_bytes):
    (root / "mask").rename(root / "with_mask")
    assert keep(root, Label.MASK, "", "1.jpg", photo_bytes(1)).file == "with_mask/1.jpg"
    assert keep(root, Label.WRONG_MASK, "", "1.jpg", photo_bytes(1)).file == "wrong_mask/1.jpg"


@pytest.mark.parametrize("name", ["../1.jpg", "a/1.jpg", ".1.jpg", ""])
def test_a_name_never_leads_elsewhere(root, photo_bytes, name):
    with pytest.raises(UserError):
        keep(root, Label.MASK, "", name, photo_bytes(1))
    with pytest.raises(UserError):
        keep(root, Label.MASK, name or "..", "1.jpg", photo_bytes(1))


def test_a_full_disk_leaves_nothing_of_it(root, photo_bytes, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        keep(root, Label.MASK, "", "1.jpg", photo_bytes(1))
    assert list((root / "mask").iterdir()) == []


def test_a_dataset_that_was_deleted_does_not_come_back(root, photo_bytes):
    for label in TWO_CLASSES:
        (root / label).rmdir()
    root.rmdir()
    with pytest.raises(UserError, match="There is no folder"):
        keep(root, Label.MASK, "", "1.jpg", photo_bytes(1))
    assert not root.exists()
