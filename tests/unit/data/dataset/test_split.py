"""Groups and the split: nothing that belongs together stands on both sides, and every label comes near its shares."""

from __future__ import annotations

import random
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.dataset import split as splits
from core.data.dataset.near_duplicates import NEAR_BITS
from core.data.dataset.scan import Photo, Scan, scan
from core.data.dataset.split import find_groups
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label

SHARES = (0.70, 0.20, 0.10)


def photo(file: str, label: Label, phash: int, folder: str = "") -> Photo:
    return Photo(file, label, 100, 100, "0", f"{phash:016x}", folder)


def make_scan(photos: list[Photo], groups: dict[str, str] | None = None) -> Scan:
    return Scan(Path("/photos"), tuple(photos), (), groups or {})


def random_scan(seed: int) -> Scan:
    """20 to 80 people with 1 to 6 photos, told by groups.csv, by folder or not at all; some photos twice."""
    rng = random.Random(seed)
    labels = rng.choice([TWO_CLASSES, THREE_CLASSES])
    photos, groups = [], {}
    for person in range(rng.randint(20, 80)):
        told = rng.choice(["csv", "folder", "not"])
        for shot in range(rng.randint(1, 6)):
            label = rng.choice(labels)
            file = f"{label}/p{person}/{shot}.jpg" if told == "folder" else f"{label}/{rng.getrandbits(48):x}.jpg"
            photos.append(photo(file, label, rng.getrandbits(64), f"p{person}" if told == "folder" else ""))
            if told == "csv":
                groups[file] = f"g{person}"
    for copy in range(rng.randint(0, 8)):
        original, bits = rng.choice(photos), rng.sample(range(64), rng.randint(0, NEAR_BITS))
        changed = int(original.phash, 16) ^ sum(1 << bit for bit in bits)
        label = rng.choice(labels)
        photos.append(photo(f"{label}/copy{copy}.jpg", label, changed))
    return make_scan(photos, groups)


def sourced_scan(told: dict[str, str], label_of: dict[str, Label]) -> Scan:
    """A photo of each file, nothing like another, with these sources."""
    random_bits = random.Random(0)
    photos = [photo(file, label, random_bits.getrandbits(64)) for file, label in label_of.items()]
    return replace(make_scan(photos), told_sources=told)


def parts_by(rows: list[splits.Row], key) -> dict[str, set[str]]:
    found = defaultdict(set)
    for row in rows:
        if name := key(row):
            found[name].add(row.part)
    return found


def distance(first: Photo, second: Photo) -> int:
    return (int(first.phash, 16) ^ int(second.phash, 16)).bit_count()


@pytest.mark.parametrize("seed", range(60))
def test_no_group_stands_in_two_parts(seed: int):
    found = random_scan(seed)
    rows = splits.split(found, SHARES, seed)
    assert sorted(row.file for row in rows) == sorted(item.file for item in found.photos)
    part = {row.file: row.part for row in rows}
    by_file = {item.file: item for item in found.photos}
    for key in (
        lambda row: row.group,
        lambda row: found.listed_groups.get(row.file),
        lambda row: by_file[row.file].folder,
    ):
        assert all(len(parts) == 1 for parts in parts_by(rows, key).values())
    for first, second in combinations(found.photos, 2):
        if distance(first, second) <= NEAR_BITS:
            assert part[first.file] == part[second.file]


@pytest.mark.parametrize("seed", range(20))
def test_every_label_comes_near_its_shares(seed: int):
    found = random_scan(seed)
    table = splits.counts(splits.split(found, SHARES, seed))
    largest = max(Counter(find_groups(found).of.values()).values())
    for label in found.labels:
        total = found.counts[label]
        for part, share in zip(splits.PARTS, SHARES, strict=True):
            # A group can't be cut: within one largest group, or a twentieth of the label's photos.
            assert abs(table[part][label] - share * total) <= max(largest, 0.05 * total)


@pytest.mark.parametrize("shares", [SHARES, (0.5, 0.25, 0.25), (0.8, 0.1, 0.1)])
def test_single_photos_meet_their_shares_closely(shares: tuple[float, float, float]):
    rng = random.Random(1)
    sizes = {Label.MASK: 300, Label.NO_MASK: 200, Label.WRONG_MASK: 40}
    photos = [photo(f"{x}/{i}.jpg", x, rng.getrandbits(64)) for x, size in sizes.items() for i in range(size)]
    table = splits.counts(splits.split(make_scan(photos), shares, 0))
    for label, size in sizes.items():
        for part, share in zip(splits.PARTS, shares, strict=True):
            assert abs(table[part][label] - share * size) <= 1


def test_the_seed_decides_and_the_order_of_files_does_not():
    found = random_scan(7)
    first = {row.file: row.part for row in splits.split(found, SHARES, 3)}
    assert {row.file: row.part for row in splits.split(found, SHARES, 3)} == first
    mixed = list(found.photos)
    random.Random(0).shuffle(mixed)
    assert {row.file: row.part for row in splits.split(replace(found, photos=tuple(mixed)), SHARES, 3)} == first
    assert {row.file: row.part for row in splits.split(found, SHARES, 4)} != first


def test_copies_of_a_picture_land_together(faces: Path, tmp_path: Path):
    root = tmp_path / "photos"
    shutil.copytree(faces, root)
    (root / "groups.csv").unlink()
    pairs = []
    for name in ("p00_0", "p01_0", "p02_0", "p03_0"):
        with Image.open(root / "mask" / f"{name}.jpg") as image:
            image.resize((128, 128)).save(root / "mask" / f"{name}_small.png")
            image.save(root / "mask" / f"{name}_again.jpg", quality=55)
        shutil.copy(root / "mask" / f"{name}.jpg", root / "no_mask" / f"{name}_same.jpg")
        pairs += [(f"mask/{name}.jpg", f"mask/{name}_small.png"), (f"mask/{name}.jpg", f"mask/{name}_again.jpg"),
                  (f"mask/{name}.jpg", f"no_mask/{name}_same.jpg")]  # fmt: skip
    found = scan(root)
    groups = find_groups(found)
    rows = splits.split(found, SHARES, 0)
    part = {row.file: row.part for row in rows}
    for first, second in pairs:
        assert groups.of[first] == groups.of[second]
        assert part[first] == part[second]
        assert any({first, second} <= set(files) for files in groups.duplicates)
    assert len(set(groups.of.values())) > 40, "different drawn faces are not all one picture"


def test_drawn_people_stay_together(faces: Path):
    found = scan(faces)
    rows = splits.split(found, SHARES, 0)
    assert all(len(parts) == 1 for parts in parts_by(rows, lambda row: found.listed_groups[row.file]).values())
    table = splits.counts(rows)
    assert all(table[part][label] for part in splits.PARTS for label in THREE_CLASSES)


def test_one_label_s_folder_of_a_person_joins_the_other_label_s():
    photos = [photo("mask/anna/1.jpg", Label.MASK, 1 << 20, "anna"),
              photo("no_mask/anna/1.jpg", Label.NO_MASK, (1 << 40) - 1, "anna")]  # fmt: skip
    assert len(set(find_groups(make_scan(photos)).of.values())) == 1


def test_groups_are_joined_over_several_steps():
    photos = [
        photo("mask/a.jpg", Label.MASK, 0),
        photo("mask/b.jpg", Label.MASK, 0b1111),
        photo("mask/c.jpg", Label.MASK, (1 << 64) - 1),
        photo("mask/d.jpg", Label.MASK, 0x0F0F0F0F0F0F0F0F),
    ]
    groups = find_groups(make_scan(photos, {"mask/b.jpg": "g", "mask/c.jpg": "g"}))
    assert groups.of["mask/a.jpg"] == groups.of["mask/b.jpg"] == groups.of["mask/c.jpg"] != groups.of["mask/d.jpg"]
    assert groups.duplicates == (("mask/a.jpg", "mask/b.jpg"),)


def test_an_empty_group_joins_nothing():
    photos = [photo(f"mask/{i}.jpg", Label.MASK, random.Random(i).getrandbits(64)) for i in range(3)]
    assert len(set(find_groups(make_scan(photos, {item.file: "" for item in photos})).of.values())) == 3


def test_there_and_back(tmp_path: Path):
    rows = splits.split(random_scan(2), SHARES, 0)
    rows[0] = replace(rows[0], file='mask/a, "b".jpg')
    splits.write(rows, tmp_path / "split.csv")
    assert splits.read(tmp_path / "split.csv") == rows


def people(label: Label, count: int, photos_each: int = 1) -> tuple[list[Photo], dict[str, str]]:
    rng = random.Random(count * 31 + len(label))
    made = [photo(f"{label}/{p}_{i}.jpg", label, rng.getrandbits(64)) for p in range(count) for i in range(photos_each)]
    return made, {item.file: f"{label}{item.file.split('/')[1].split('_')[0]}" for item in made}


def test_too_few_groups_are_told():
    masks, first = people(Label.MASK, 30)
    bare, second = people(Label.NO_MASK, 2, photos_each=10)
    with pytest.raises(UserError, match=r"no_mask has 20 photo\(s\) in 2 group\(s\)"):
        splits.split(make_scan(masks + bare, first | second), SHARES, 0)


def test_a_label_without_a_usable_photo_is_told():
    masks, groups = people(Label.MASK, 30)
    with pytest.raises(UserError, match="no usable photo of no_mask"):
        splits.split(make_scan(masks, groups), SHARES, 0)
    with pytest.raises(UserError, match="no usable photo of mask"):
        splits.split(make_scan([]), SHARES, 0)


@pytest.mark.parametrize("count", range(3, 12))
def test_three_groups_are_enough_for_three_parts(count: int):
    masks, first = people(Label.MASK, 40)
    bare, second = people(Label.NO_MASK, count)
    table = splits.counts(splits.split(make_scan(masks + bare, first | second), SHARES, 0))
    assert all(table[part][Label.NO_MASK] for part in splits.PARTS)
    assert table["train"][Label.NO_MASK] >= table["val"][Label.NO_MASK] >= table["test"][Label.NO_MASK]


def test_shares_are_of_photos_not_of_groups():
    masks, first = people(Label.MASK, 12, photos_each=10)
    bare, second = people(Label.NO_MASK, 120)
    table = splits.counts(splits.split(make_scan(masks + bare, first | second), (0.5, 0.25, 0.25), 0))
    assert np.allclose([table[part][Label.MASK] for part in splits.PARTS], [60, 30, 30], atol=10)


def test_each_source_of_a_label_comes_near_its_shares():
    """300 photos of each label: 200 of the phone, 80 of the site, 20 of a friend."""
    label_of = {f"{label}/{number}.jpg": label for label in THREE_CLASSES for number in range(300)}
    sizes = {"phone": range(200), "site": range(200, 280), "friend": range(280, 300)}
    told = {f"{label}/{n}.jpg": name for label in THREE_CLASSES for name, own in sizes.items() for n in own}
    found = sourced_scan(told, label_of)

    def furthest(scan: Scan) -> float:
        """From a share, of any source and label in any part, over five splits."""
        away = []
        for seed in range(5):
            counts = Counter((told[row.file], row.label, row.part) for row in splits.split(scan, SHARES, seed))
            away += [
                abs(counts[name, label, part] / len(own) - share)
                for name, own in sizes.items() for label in THREE_CLASSES
                for part, share in zip(splits.PARTS, SHARES, strict=True)
            ]  # fmt: skip
        return max(away)

    assert furthest(found) <= 0.051, "one photo of a friend's twenty"
    assert furthest(replace(found, told_sources={})) > 0.051, "by chance"


@pytest.mark.parametrize("seed", range(20))
def test_without_several_sources_the_split_is_as_it_was(seed: int, tmp_path: Path):
    found = random_scan(seed)
    before = splits.split(replace(found, told_sources={}), SHARES, seed)
    one = {photo.file: "phone" for photo in found.photos}
    assert splits.split(replace(found, told_sources=one), SHARES, seed) == before
    (tmp_path / "sources.csv").write_text("nonsense\n")
    assert splits.split(replace(found, root=tmp_path), SHARES, seed) == before, "a table that can't be understood"


@pytest.mark.parametrize("seed", range(20))
def test_sources_of_few_groups_change_nothing_and_groups_stay_whole(seed: int):
    """Where each person is a source of its own, parts would else be empty."""
    found = random_scan(seed)
    groups = find_groups(found).of
    before = splits.split(replace(found, told_sources={}), SHARES, seed)
    assert splits.split(replace(found, told_sources=dict(groups)), SHARES, seed) == before
    two = replace(found, told_sources={file: f"s{len(group) % 2}" for file, group in groups.items()})
    together = parts_by(splits.split(two, SHARES, seed), lambda row: row.group)
    assert all(len(parts) == 1 for parts in together.values())
