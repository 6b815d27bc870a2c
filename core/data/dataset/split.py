"""Which photos belong together (groups), and which part each group goes to: training, validation or test.

Photos of one photo, person or burst never stand on both sides of a split; nothing is guessed from file names. What the
starting network has seen counts as training: a group of which it has seen anything measures nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from core.data.collect import sources
from core.data.dataset import near_duplicates
from core.data.dataset.assign import assign, photos_per_label, strata
from core.data.dataset.scan import Scan
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label
from core.schema.train_config import TrainConfig
from core.store.files import checked_json
from core.store.files.checked_csv import read_table, text_of, write_table

PARTS = ("train", "val", "test")
PART_NAMES = {"train": "training", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class Row:
    """One line of split.csv. `moved_from` is the part that it would be in, had the starting network not seen something
    of its group."""

    file: str
    label: Label
    group: str
    part: str
    moved_from: str = ""


@dataclass(frozen=True)
class Groups:
    """`of`: file -> group; `duplicates`: sets of files that are exactly or nearly the same picture."""

    of: dict[str, str]
    duplicates: tuple[tuple[str, ...], ...]


def find_groups(scan: Scan) -> Groups:
    """Join photos by groups.csv, by person folder, and by exact or near-duplicate content."""
    files = [photo.file for photo in scan.photos]
    alike = near_duplicates.clusters(np.array([int(photo.phash, 16) for photo in scan.photos], dtype=np.uint64))
    told = [scan.listed_groups.get(file) for file in files]
    people = [photo.folder for photo in scan.photos]
    return Groups(_first_files(files, _together(alike, told, people)), _duplicates(files, alike))


def split(scan: Scan, shares: Sequence[float], seed: int, folds: int = 0, fold: int = 0) -> list[Row]:
    """Send every group to a part so that each label, and each source's photos of it, come as near to their shares as
    groups allow.

    With `folds`, the groups are dealt into so many folds of equal size, fold `fold` (from 0) is the test part, and the
    others are split into training and validation in the proportion of their shares: over all folds, every photo is
    tested once (grouped cross-validation).

    All labels of the folder take part, so that a two-class and a three-class training of one folder share their
    test photos. Deterministic by seed. Raises UserError when a label would be missing from a part.
    """
    groups = find_groups(scan).of
    _check_enough(scan, groups, folds)
    sizes = strata(scan, groups)
    part_of = _with_fold(sizes, shares, seed, folds, fold) if folds else _with_shares(sizes, PARTS, shares, seed)
    rows = [Row(photo.file, photo.label, groups[photo.file], part_of[groups[photo.file]]) for photo in scan.photos]
    check_parts(rows, scan.labels)
    return rows


def of_config(scan: Scan, config: TrainConfig, seen: Collection[str] = ()) -> list[Row]:
    """The photos that a training of this config works with, where `seen` are digests of what its starting network has
    learnt from. Raises UserError as `split` does, and when nothing new is left to measure with."""
    if config.held_out_source:
        return _without_source(scan, config, seen)
    rows = split(scan, config.split, config.seed, config.folds, config.fold)
    # Over all labels: a group may have been learnt by a photo of wrong_mask that this training leaves out.
    rows = learnt_train(rows, {photo.file: photo.digest for photo in scan.photos}, seen)
    rows = [row for row in rows if row.label in config.labels]
    check_new(rows, [label for label in scan.labels if label in config.labels], config.weights)
    return rows


def linked_to(scan: Scan, source: str) -> set[str]:
    """Photos of other sources that share a group, or a near duplicate, with a photo of this one: where it is held out,
    they are in no part."""
    return _linked(find_groups(scan).of, sources.of_photos(scan), source)


def learnt_train(rows: Sequence[Row], digests: Mapping[str, str], seen: Collection[str]) -> list[Row]:
    """The rows with every group in training of which a photo's content is `seen`; `digests` is file -> content.

    >>> rows = [Row("a.jpg", Label.MASK, "anna", "test"), Row("b.jpg", Label.MASK, "ben", "test")]
    >>> [(row.part, row.moved_from) for row in learnt_train(rows, {"a.jpg": "1f", "b.jpg": "2e"}, {"1f"})]
    [('train', 'test'), ('test', '')]
    """
    learnt = {row.group for row in rows if digests.get(row.file) in seen}
    return [
        replace(row, part=PARTS[0], moved_from=row.part) if row.group in learnt and row.part != PARTS[0] else row
        for row in rows
    ]


def new_to(scan: Scan, seen: Collection[str]) -> list[Row]:
    """A row, of no part, for each photo of a group of which nothing is `seen`: what a network that has learnt from
    these digests can be measured with."""
    groups = find_groups(scan).of
    learnt = {groups[photo.file] for photo in scan.photos if photo.digest in seen}
    photos = (photo for photo in scan.photos if groups[photo.file] not in learnt)
    return [Row(photo.file, photo.label, groups[photo.file], "") for photo in photos]


def moved(rows: Iterable[Row]) -> tuple[int, int]:
    """(photos, groups) that train because the starting network has seen something of their group.

    >>> moved([Row("a.jpg", Label.MASK, "anna", "train", "val"), Row("b.jpg", Label.MASK, "anna", "train", "val")])
    (2, 1)
    """
    groups = [row.group for row in rows if row.moved_from]
    return len(groups), len(set(groups))


def counts(rows: Iterable[Row]) -> dict[str, Counter[Label]]:
    """Photos per label in each part.

    >>> counts([Row("a.jpg", Label.MASK, "anna", "train")])["train"][Label.MASK]
    1
    """
    table: dict[str, Counter[Label]] = {part: Counter() for part in PARTS}
    for row in rows:
        table[row.part][row.label] += 1
    return table


def write(rows: Iterable[Row], path: Path) -> None:
    """Write split.csv, whole or not at all. Raises OSError."""
    write_table(path, _columns(), [asdict(row) for row in rows])


def read(path: Path) -> list[Row]:
    """Read split.csv. Raises UserError where it is missing or not what was written."""
    rows = read_table(path)
    try:
        known = [
            # A split of an older release does not say what was moved.
            Row(row["file"], Label(row["label"]), row["group"], row["part"], row.get("moved_from") or "")
            for row in rows
        ]
    except (KeyError, ValueError):
        known = []
    if not known or not {row.part for row in known} <= set(PARTS):
        raise UserError(f"The {path.name} of {path.parent.name} is missing or damaged: train the run again.")
    return known


def digest(rows: Iterable[Row]) -> str:
    """Tells these rows from all others."""
    return checked_json.digest(text_of(_columns(), map(asdict, rows)).encode())


def _columns() -> list[str]:
    return [field.name for field in fields(Row)]


def _with_shares(
    sizes: dict[str, np.ndarray], parts: Sequence[str], shares: Sequence[float], seed: int
) -> dict[str, str]:
    chosen = assign(sizes, np.asarray(shares, dtype=float), seed)
    return {name: parts[part] for name, part in chosen.items()}


def _with_fold(
    sizes: dict[str, np.ndarray], shares: Sequence[float], seed: int, folds: int, fold: int
) -> dict[str, str]:
    dealt = assign(sizes, np.full(folds, 1 / folds), seed)
    tested = {name for name in sizes if dealt[name] == fold}
    part_of = _learning(sizes, tested, shares, seed)
    return {name: part_of.get(name, PARTS[2]) for name in sizes}


def _learning(
    sizes: dict[str, np.ndarray], tested: Collection[str], shares: Sequence[float], seed: int
) -> dict[str, str]:
    """Training or validation for each group that is not tested, in the proportion of their shares."""
    rest = {name: size for name, size in sizes.items() if name not in tested}
    learning = np.asarray(shares[:2], dtype=float)
    return _with_shares(rest, PARTS[:2], learning / learning.sum(), seed)


def _check_enough(scan: Scan, groups: dict[str, str], folds: int) -> None:
    missing = [label for label in TWO_CLASSES if label not in scan.labels]
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


def check_new(rows: Sequence[Row], labels: Sequence[Label], start: str, source: str = "") -> None:
    """Raises UserError when validation or test lacks a label because its groups were moved to training. Of a `source`
    that is held out, test may lack any."""
    table, photos = counts(rows), moved(rows)[0]
    parts = PARTS[1:2] if source else PARTS[1:]
    lacking = [(part, label) for part in parts for label in labels if not table[part][label]]
    if photos and lacking:
        where = ", ".join(f"no {label} photo for {PART_NAMES[part]}" for part, label in lacking)
        raise UserError(
            f"{start} has learnt from most of these people and occasions, and what it has seen can't measure it: of "
            f"the others there is {where}. Add photos of new people or occasions, or start from another network."
        )


def check_parts(rows: Sequence[Row], labels: Sequence[Label], source: str = "") -> None:
    """Raises UserError when a part lacks a label. A `source` that is held out is tested on the labels that it has."""
    table = counts(rows)
    for part in PARTS[:2] if source else PARTS:
        for label in labels:
            if not table[part][label]:
                without = f"Without the photos of {source}, the" if source else "The"
                raise UserError(
                    f"{without} {PART_NAMES[part]} part would hold no {label} photo: add {label} photos from more "
                    "people or occasions, or give that part a larger share of the split (with folds: choose fewer)."
                )
    if not table[PARTS[2]]:
        raise UserError(f"No photo of the source {source} can be used: see which files were refused.")


def _without_source(scan: Scan, config: TrainConfig, seen: Collection[str]) -> list[Row]:
    """Test: every photo of the source. Training and validation: the groups of which none is of it."""
    source, groups, told = config.held_out_source, find_groups(scan).of, sources.of_photos(scan)
    if source not in told.values():
        raise UserError(
            f"{scan.root} has no usable photo of the source {source}: its sources are "
            f"{', '.join(sorted(set(told.values())))}."
        )
    near = {groups[file] for file, own in told.items() if own == source}
    if learnt := sum(groups[photo.file] in near and photo.digest in seen for photo in scan.photos):
        raise UserError(
            f"{config.weights} has learnt from {learnt:,} photo{'s' * (learnt > 1)} of the source {source} or of their "
            "groups, so it can't be tested on what it never saw: start from ImageNet weights, or from none."
        )
    part_of = _learning(photos_per_label(scan, groups), near, config.split, config.seed)
    left_out = _linked(groups, told, source)
    placed = ((photo, groups[photo.file]) for photo in scan.photos if photo.file not in left_out)
    rows = [Row(photo.file, photo.label, own, part_of.get(own, PARTS[2])) for photo, own in placed]
    rows = learnt_train(rows, {photo.file: photo.digest for photo in scan.photos}, seen)
    rows = [row for row in rows if row.label in config.labels]
    labels = [label for label in scan.labels if label in config.labels]
    check_new(rows, labels, config.weights, source)
    check_parts(rows, labels, source)
    return rows


def _linked(groups: Mapping[str, str], told: Mapping[str, str], source: str) -> set[str]:
    near = {groups[file] for file, own in told.items() if own == source}
    return {file for file, own in told.items() if own != source and groups[file] in near}


def _together(alike: np.ndarray, *named: Sequence[str | None]) -> np.ndarray:
    """The number of its group for each photo (n,): joined by the cluster it looks alike with and by each sort of names;
    a photo without a name is joined by none."""
    nodes = len(alike) + int(alike.max(initial=-1)) + 1
    photos, joins = [np.arange(len(alike))], [len(alike) + alike]
    for names in named:
        place: dict[str, int] = {}
        told = [(photo, place.setdefault(name, nodes + len(place))) for photo, name in enumerate(names) if name]
        photos.append(np.array([photo for photo, _ in told], dtype=int))
        joins.append(np.array([join for _, join in told], dtype=int))
        nodes += len(place)
    return near_duplicates.joined(np.concatenate(photos), np.concatenate(joins), nodes)[: len(alike)]


def _first_files(files: Sequence[str], group: np.ndarray) -> dict[str, str]:
    """file -> the first file, by name, of its group."""
    first: dict[int, str] = {}
    for file, number in zip(files, group.tolist(), strict=True):
        first[number] = min(file, first.get(number, file))
    return {file: first[number] for file, number in zip(files, group.tolist(), strict=True)}


def _duplicates(files: Sequence[str], alike: np.ndarray) -> tuple[tuple[str, ...], ...]:
    sets: dict[int, list[str]] = defaultdict(list)
    several = (np.bincount(alike) > 1)[alike]
    for place in np.flatnonzero(several).tolist():
        sets[int(alike[place])].append(files[place])
    return tuple(sorted(tuple(sorted(own)) for own in sets.values()))
