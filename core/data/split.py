"""Which photos belong together (groups), and which part each group goes to: training, validation or test.

Photos of one photo, person or burst never stand on both sides of a split; nothing is guessed from file names.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

from core.data.scan import Photo, Scan
from core.errors import UserError
from core.labels import Label

PARTS = ("train", "val", "test")
PART_NAMES = {"train": "training", "val": "validation", "test": "test"}
# Two 64-bit perceptual hashes this close are the same picture, resized, recompressed or lightly edited.
NEAR_BITS = 4
_BANDS = NEAR_BITS + 1


@dataclass(frozen=True)
class Row:
    """One line of split.csv."""

    file: str
    label: Label
    group: str
    part: str


@dataclass(frozen=True)
class Groups:
    """`of`: file -> group; `duplicates`: sets of files that are exactly or nearly the same picture."""

    of: dict[str, str]
    duplicates: tuple[tuple[str, ...], ...]


def find_groups(scan: Scan) -> Groups:
    """Join photos by groups.csv, by person folder, and by exact or near-duplicate content."""
    together = DisjointSet(photo.file for photo in scan.photos)
    for files in _same(scan.photos, lambda photo: scan.listed_groups.get(photo.file)):
        _merge(together, files)
    for files in _same(scan.photos, lambda photo: photo.folder):
        _merge(together, files)
    alike = DisjointSet(photo.file for photo in scan.photos)
    for first, second in _near_pairs(scan.photos):
        together.merge(first, second)
        alike.merge(first, second)
    of = {file: min(subset) for subset in together.subsets() for file in subset}
    duplicates = tuple(sorted(tuple(sorted(subset)) for subset in alike.subsets() if len(subset) > 1))
    return Groups(of, duplicates)


def split(scan: Scan, shares: Sequence[float], seed: int, folds: int = 0, fold: int = 0) -> list[Row]:
    """Send every group to a part so that each label comes as near to its shares as its groups allow.

    With `folds`, the groups are dealt into so many folds of equal size, fold `fold` (from 0) is the test part, and the
    others are split into training and validation in the proportion of their shares: over all folds, every photo is
    tested once (grouped cross-validation).

    All labels of the folder take part, so that a two-class and a three-class training of one folder share their
    test photos. Deterministic by seed. Raises UserError when a label would be missing from a part.
    """
    groups = find_groups(scan).of
    _check_enough(scan, groups, folds)
    order = {label: index for index, label in enumerate(scan.labels)}
    sizes: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(order)))
    for photo in scan.photos:
        sizes[groups[photo.file]][order[photo.label]] += 1
    part_of = _with_fold(sizes, shares, seed, folds, fold) if folds else _with_shares(sizes, PARTS, shares, seed)
    rows = [Row(photo.file, photo.label, groups[photo.file], part_of[groups[photo.file]]) for photo in scan.photos]
    check_parts(rows, scan.labels)
    return rows


def counts(rows: Iterable[Row]) -> dict[str, Counter[Label]]:
    """Photos a label in each part."""
    table: dict[str, Counter[Label]] = {part: Counter() for part in PARTS}
    for row in rows:
        table[row.part][row.label] += 1
    return table


def write(rows: Iterable[Row], path: Path) -> None:
    """Write split.csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["file", "label", "group", "part"])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def read(path: Path) -> list[Row]:
    """Read split.csv."""
    with path.open(newline="", encoding="utf-8") as file:
        return [Row(row["file"], Label(row["label"]), row["group"], row["part"]) for row in csv.DictReader(file)]


def _with_shares(
    sizes: dict[str, np.ndarray], parts: Sequence[str], shares: Sequence[float], seed: int
) -> dict[str, str]:
    chosen = _assign(sizes, np.asarray(shares, dtype=float), seed)
    return {name: parts[part] for name, part in chosen.items()}


def _with_fold(
    sizes: dict[str, np.ndarray], shares: Sequence[float], seed: int, folds: int, fold: int
) -> dict[str, str]:
    dealt = _assign(sizes, np.full(folds, 1 / folds), seed)
    rest = {name: size for name, size in sizes.items() if dealt[name] != fold}
    learning = np.asarray(shares[:2], dtype=float)
    part_of = _with_shares(rest, PARTS[:2], learning / learning.sum(), seed)
    return {name: part_of.get(name, PARTS[2]) for name in sizes}


def _assign(sizes: dict[str, np.ndarray], shares: np.ndarray, seed: int) -> dict[str, int]:
    """The place in `shares` (k,), which add up to 1, that each group (photos a label, (labels,)) is sent to."""
    names = sorted(sizes)
    np.random.default_rng(seed).shuffle(names)
    # Large groups first: small ones then even out what the large ones left.
    names.sort(key=lambda name: -sizes[name].sum())
    # At least 1, because the groups that a fold leaves may lack a label: check_parts then says so.
    total = np.maximum(sum(sizes.values()), 1)
    target = shares[:, None] * total[None, :]
    have = np.zeros_like(target)
    chosen = {}
    for name in names:
        after = have + sizes[name]
        cost = (((after - target) / total) ** 2 - ((have - target) / total) ** 2).sum(axis=1)
        # Weighted by share, so that a small part is not filled before a large one has begun.
        part = int(np.argmin(cost / shares))
        have[part] += sizes[name]
        chosen[name] = part
    _fill_gaps(chosen, sizes, have)
    return chosen


def _fill_gaps(chosen: dict[str, int], sizes: dict[str, np.ndarray], have: np.ndarray) -> None:
    """Where a part lacks a label, move the smallest group there that its own part can spare, if there is one."""
    for part, label in np.argwhere(have == 0):
        holders = [name for name, size in sizes.items() if size[label]]
        spare = [name for name in holders if ((have[chosen[name]] > sizes[name]) | (sizes[name] == 0)).all()]
        if spare and not have[part, label]:
            name = min(spare, key=lambda name: (sizes[name].sum(), name))
            have[chosen[name]] -= sizes[name]
            have[part] += sizes[name]
            chosen[name] = int(part)


def _check_enough(scan: Scan, groups: dict[str, str], folds: int) -> None:
    missing = [label for label in (Label.MASK, Label.NO_MASK) if label not in scan.labels]
    if missing:
        raise UserError(f"{scan.root} has no usable photo of {missing[0]}: add some, or see which files were refused.")
    for label in scan.labels:
        own = {groups[photo.file] for photo in scan.photos if photo.label == label}
        if len(own) < max(len(PARTS), folds):
            needing = f"{folds} folds" if folds else "training, validation and test"
            raise UserError(
                f"{label} has {scan.counts[label]} photo(s) in {len(own)} group(s) (person, photo or burst): {needing} "
                f"need one group each. Add {label} photos from more people or occasions."
            )


def check_parts(rows: list[Row], labels: Sequence[Label]) -> None:
    table = counts(rows)
    for part in PARTS:
        for label in labels:
            if not table[part][label]:
                raise UserError(
                    f"The {PART_NAMES[part]} part would hold no {label} photo: add {label} photos from more people or "
                    "occasions, or give that part a larger share of the split (with folds: choose fewer)."
                )


def _same(photos: Iterable[Photo], key) -> list[list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for photo in photos:
        if name := key(photo):
            found[name].append(photo.file)
    return list(found.values())


def _merge(together: DisjointSet, files: list[str]) -> None:
    for file in files[1:]:
        together.merge(files[0], file)


def _near_pairs(photos: Sequence[Photo]) -> Iterable[tuple[str, str]]:
    """Pairs within NEAR_BITS, found by bands: two hashes that differ in at most NEAR_BITS bits agree whole in one of
    NEAR_BITS + 1 bands (pigeonhole), so only photos that share a band are compared."""
    hashes = [int(photo.phash, 16) for photo in photos]
    for band in range(_BANDS):
        low, high = 64 * band // _BANDS, 64 * (band + 1) // _BANDS
        buckets: dict[int, list[int]] = defaultdict(list)
        for index, value in enumerate(hashes):
            buckets[(value >> low) & ((1 << (high - low)) - 1)].append(index)
        for bucket in buckets.values():
            for place, first in enumerate(bucket):
                for second in bucket[place + 1 :]:
                    if (hashes[first] ^ hashes[second]).bit_count() <= NEAR_BITS:
                        yield photos[first].file, photos[second].file
