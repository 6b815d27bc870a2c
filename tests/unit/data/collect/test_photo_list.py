"""The photos that a grid lists: filters, order, and what is passed over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.data.collect import new_dataset, sources
from core.data.collect.photo_list import Item, Wanted, choose, read, with_tables
from core.data.dataset import label_decisions
from core.data.images import thumbnail
from core.schema.labels import TWO_CLASSES, Label

FILES = ("mask/10.jpg", "mask/2.jpg", "no_mask/anna/1.jpg", "no_mask/ben/1.jpg")


@pytest.fixture
def root(own_home: Path, photo_bytes) -> Path:
    """Four photos, each a second newer than the one before; a hidden one, and one that is too deep."""
    folder = new_dataset.make("class", TWO_CLASSES)
    for number, file in enumerate((*FILES, ".bin/mask/3.jpg", "mask/a/b/4.jpg")):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(photo_bytes(number))
        os.utime(folder / file, (number, number))
    label_decisions.decide(folder, FILES[0], "relabel", Label.NO_MASK)
    label_decisions.decide(folder, FILES[3], "exclude")
    sources.note(folder, {FILES[1]: "site"})
    return folder


def test_what_is_known_of_a_photo(root, photo_bytes):
    found = {item.file: item for item in read(root)}
    sizes = [len(photo_bytes(number)) for number in range(3)]
    assert set(found) == set(FILES)
    inodes = [(root / file).stat().st_ino for file in FILES]
    assert found[FILES[0]] == Item(FILES[0], Label.NO_MASK, Label.MASK, "", "", "relabel", 0, sizes[0], inodes[0])
    third = Item(FILES[2], Label.NO_MASK, Label.NO_MASK, "anna", "", None, 2_000_000_000, sizes[2], inodes[2])
    assert found[FILES[2]] == third


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Wanted(), [3, 2, 1, 0]), (Wanted(order="oldest"), [0, 1, 2, 3]), (Wanted(order="name"), [1, 0, 2, 3]),
        (Wanted(label=Label.NO_MASK), [3, 2, 0]), (Wanted(person="ben"), [3]), (Wanted(person=""), [1, 0]),
        (Wanted(source="site"), [1]), (Wanted(source=""), [3, 2, 0]), (Wanted(choice="none"), [2, 1]),
        (Wanted(choice="exclude"), [3]), (Wanted(label=Label.MASK, person="ben"), []),
    ],
)  # fmt: skip
def test_filters_and_orders(root, wanted, places):
    assert [item.file for item in choose(read(root), wanted)] == [FILES[place] for place in places]


def test_an_order_by_a_number_of_each_file(root):
    ranks = {FILES[1]: 3.0, FILES[3]: 1.0}
    found = choose(read(root), Wanted(order="blurred"), ranks)
    # What has no number comes last, by name.
    assert [item.file for item in found] == [FILES[3], FILES[1], FILES[0], FILES[2]]


def test_what_is_written_about_photos_is_read_without_listing_them(root):
    before = read(root)
    label_decisions.undo(root, FILES[0])
    label_decisions.decide(root, FILES[2], "relabel", Label.MASK)
    sources.note(root, {FILES[1]: "", FILES[3]: "phone"})
    now = with_tables(root, before)
    assert now == read(root) != before


def test_thumbnails_are_small_and_follow_the_file(root, photo_bytes):
    paths = [root / FILES[0], root / "mask" / "gone.jpg"]
    first, gone = thumbnail.thumbnails(paths)
    assert first and first.startswith(b"\xff\xd8") and len(first) < 8000 and gone is None
    paths[0].write_bytes(photo_bytes(77))
    assert thumbnail.thumbnails(paths)[0] != first
    paths[0].write_bytes(b"no picture")
    assert thumbnail.thumbnails(paths)[0] is None
