"""Which sources of a dataset can be left out one after the other, each to be tested on by a training on the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from core.data.collect import sources
from core.data.dataset.scan import Scan
from core.data.dataset.split import find_groups
from core.schema.errors import UserError
from core.schema.labels import Label

LEAST_PHOTOS = 20
"""Of one label at least: of fewer, an interval is so wide that it says nothing. A smaller source always trains."""
LINKED = "shares a group or a near duplicate with photos of the held-out source"
"""Why a photo of another source is in no part of a training that holds one out."""
# One to learn from and one to validate with.
_LEAST_GROUPS = 2


@dataclass(frozen=True)
class Sources:
    """`tested` can be left out, the largest first; `kept`, source -> why, train in every one of these trainings."""

    tested: tuple[str, ...]
    kept: dict[str, str]
    unnamed: int

    @property
    def words(self) -> str:
        """What is left out, what never is and why, in sentences."""
        said = [f"{len(self.tested)} trainings, each tested on a source that it never saw: {', '.join(self.tested)}."]
        said += [f"{source} always trains: {why}." for source, why in self.kept.items()]
        if self.unnamed:
            said.append(
                f"{self.unnamed:,} photo{'s' * (self.unnamed > 1)} that {sources.FILE} does not name count as the "
                f"source {sources.UNKNOWN}."
            )
        return " ".join(said)


def find(scan: Scan, labels: Collection[Label]) -> Sources:
    """The sources of the photos of these labels. Raises UserError, with what to do, where none can be left out."""
    told, groups = sources.of_photos(scan), find_groups(scan).of
    counts: dict[str, Counter[Label]] = defaultdict(Counter)
    without: dict[str, set[str]] = defaultdict(set)
    for photo in scan.photos:
        without[told[photo.file]].add(groups[photo.file])
        if photo.label in labels:
            counts[told[photo.file]][photo.label] += 1
    if len(counts) < 2:
        raise UserError(
            f"All photos of {scan.root} are of one source ({', '.join(counts) or sources.UNKNOWN}), so none can be "
            f"left out. Say where photos come from: when you import them, or in {sources.FILE} beside them (columns "
            "file and source)."
        )
    tested, kept = [], {}
    for source in sorted(counts, key=lambda name: (-counts[name].total(), name)):
        if why := _too_small(counts[source]) or _needed(scan, labels, groups, without[source]):
            kept[source] = why
        else:
            tested.append(source)
    if not tested:
        raise UserError(
            "No source can be left out: " + "; ".join(f"{source}: {why}" for source, why in kept.items())
            + f". Add photos: {LEAST_PHOTOS} of one label are needed of a source, and every label from another one."
        )  # fmt: skip
    return Sources(tuple(tested), kept, counts[sources.UNKNOWN].total() if sources.UNKNOWN in counts else 0)


def _too_small(counts: Counter[Label]) -> str:
    return "" if max(counts.values()) >= LEAST_PHOTOS else f"it has fewer than {LEAST_PHOTOS} photos of each label"


def _needed(scan: Scan, labels: Collection[Label], groups: dict[str, str], own: Collection[str]) -> str:
    """Why the others can't train without it, or nothing."""
    left: dict[Label, set[str]] = defaultdict(set)
    for photo in scan.photos:
        if groups[photo.file] not in own:
            left[photo.label].add(groups[photo.file])
    lacking = [label for label in scan.labels if label in labels and len(left[label]) < _LEAST_GROUPS]
    return f"without it there is too little {' and '.join(lacking)} to learn from" if lacking else ""
