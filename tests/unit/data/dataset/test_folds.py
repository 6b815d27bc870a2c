"""Grouped folds: every photo is tested exactly once, and no group stands on two sides."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from core.data.dataset import split as splits
from core.data.dataset.scan import Photo, Scan, scan
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, Label

SHARES = (0.70, 0.20, 0.10)


def people(count: int, seed: int = 0, labels: tuple[Label, ...] = THREE_CLASSES) -> Scan:
    """Photos of so many people, each with one to six of any label, told by groups.csv."""
    rng = random.Random(seed)
    photos, groups = [], {}
    for person in range(count):
        for shot in range(rng.randint(1, 6)):
            label = labels[person % len(labels)] if shot == 0 else rng.choice(labels)
            file = f"{label}/{person}_{shot}.jpg"
            photos.append(Photo(file, label, 100, 100, "0", f"{rng.getrandbits(64):016x}", ""))
            groups[file] = f"person {person}"
    return Scan(Path("/photos"), tuple(photos), (), groups)


def all_folds(found: Scan, folds: int, seed: int = 0, shares=SHARES) -> list[list[splits.Row]]:
    return [splits.split(found, shares, seed, folds, fold) for fold in range(folds)]


@pytest.mark.parametrize("folds", [3, 5, 10])
def test_every_photo_is_tested_exactly_once(folds: int):
    found = people(60)
    tested = Counter(row.file for rows in all_folds(found, folds) for row in rows if row.part == "test")
    assert tested == Counter(photo.file for photo in found.photos)


@pytest.mark.parametrize("seed", range(8))
def test_no_group_stands_on_two_sides(seed: int):
    found = people(40, seed)
    for rows in all_folds(found, 4, seed):
        assert sorted(row.file for row in rows) == sorted(photo.file for photo in found.photos)
        parts: dict[str, set[str]] = {}
        for row in rows:
            parts.setdefault(found.listed_groups[row.file], set()).add(row.part)
        assert {len(own) for own in parts.values()} == {1}


def test_folds_of_real_files_keep_drawn_people_together(faces: Path):
    found = scan(faces)
    tested: Counter[str] = Counter()
    for rows in all_folds(found, 3):
        sides = [{row.group for row in rows if row.part == part} for part in splits.PARTS]
        assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
        tested += Counter(row.file for row in rows if row.part == "test")
    assert set(tested.values()) == {1} and len(tested) == 60


def test_folds_are_about_equal_and_the_rest_keeps_its_proportion():
    found = people(120)
    for rows in all_folds(found, 5):
        table = splits.counts(rows)
        for label in THREE_CLASSES:
            total = found.counts[label]
            assert abs(table["test"][label] - total / 5) <= max(6, 0.05 * total)
            assert abs(table["val"][label] - total * 4 / 5 * 2 / 9) <= max(6, 0.05 * total)


def test_the_seed_deals_the_folds():
    found = people(60)
    first, again, other = (all_folds(found, 5, seed)[0] for seed in (3, 3, 4))
    assert first == again
    assert {row.file for row in first if row.part == "test"} != {row.file for row in other if row.part == "test"}


def test_the_shares_move_photos_between_training_and_validation_only():
    found = people(60)
    tests = [
        {row.file for row in splits.split(found, shares, 0, 5, 1) if row.part == "test"}
        for shares in (SHARES, (0.4, 0.4, 0.2))
    ]
    assert tests[0] == tests[1]


def test_without_folds_nothing_has_changed():
    found = people(60)
    assert splits.split(found, SHARES, 0) == splits.split(found, SHARES, 0, 0, 0)


def test_fewer_groups_of_a_label_than_folds_are_told():
    few = people(60, labels=(Label.MASK, Label.NO_MASK))
    hashes = [random.Random(index).getrandbits(64) for index in range(8)]
    extra = [Photo(f"wrong_mask/{value}.jpg", Label.WRONG_MASK, 9, 9, "0", f"{value:016x}", "") for value in hashes]
    groups = few.listed_groups | {item.file: f"wrong {index % 4}" for index, item in enumerate(extra)}
    found = Scan(few.root, (*few.photos, *extra), (), groups)
    with pytest.raises(UserError, match=r"wrong_mask has 8 photo\(s\) in 4 group\(s\) .*: 5 folds need one group each"):
        splits.split(found, SHARES, 0, 5, 0)
    for rows in all_folds(found, 4):
        assert all(splits.counts(rows)[part][Label.WRONG_MASK] for part in splits.PARTS)
