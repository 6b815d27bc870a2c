"""Two entries on the photos of each source that both tested: who is better where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core.data.collect.sources import UNKNOWN
from core.evaluation.by_source import told
from core.evaluation.compare import paired, repeats, shared_photos, two_runs
from core.evaluation.compare.paired import Difference, Paired
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.shared_photos import Key, Shared
from core.evaluation.compare.trade_off import LEVEL
from core.evaluation.compare.two_runs import LEAST_PHOTOS


@dataclass(frozen=True)
class SourceVersus:
    """Photos of one source that both entries tested: `different` ones in `groups` groups, which count `photos` times
    over all repeats. `balanced` is the paired difference in balanced accuracy, over the labels that the source has;
    None where `different` is less than LEAST_PHOTOS. `p_holm` is its p-value adjusted for all sources."""

    source: str
    photos: int
    different: int
    groups: int
    paired: Paired | None
    p_holm: float | None = None

    @property
    def balanced(self) -> Difference | None:
        return self.paired.balanced_accuracy if self.paired else None

    @property
    def shown(self) -> bool:
        """Whether a difference is shown, as one of so many sources."""
        return self.p_holm is not None and self.p_holm < LEVEL

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"paired": self.paired.as_dict() if self.paired else None, "shown": self.shown}


@dataclass(frozen=True)
class BySource:
    """Entry `other` (model b) against the `reference` (model a), by their letters; `sources` hold the one where the
    other loses most first, those with too few photos last."""

    reference: str
    other: str
    sources: tuple[SourceVersus, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "reference": self.reference,
            "other": self.other,
            "sources": [one.as_dict() for one in self.sources],
        }


def against(reference: Entry, others: Sequence[Entry]) -> list[BySource]:
    """The reference against each other entry with which it shares test photos of several sources. Raises UserError when
    a run has no predictions."""
    tested = shared_photos.load(run for entry in (reference, *others) for run in entry.runs)
    groups = shared_photos.photo_groups(tuple(tested.values()))
    # Where runs do not agree on it, the reference says.
    source: dict[Key, str] = {}
    for own in reversed(tested.values()):
        known = told.of_run(own.run)
        source |= {
            key: known[file]
            for key, file in zip(own.keys, own.predictions.files, strict=True) if file in known
        }  # fmt: skip
    found = []
    for other in others:
        pairs = repeats.pairs(reference, other)
        if not pairs:
            continue
        whole = shared_photos.pool([shared_photos.align(tested[a.id], tested[b.id], groups) for a, b in pairs])
        found.append(BySource(reference.letter, other.letter, by_source(whole, source)))
    return [one for one in found if one.sources]


def by_source(photos: Shared, source: dict[Key, str]) -> tuple[SourceVersus, ...]:
    """The sources of shared photos; nothing where all are of one. `source` is key -> source; others are unknown."""
    named = np.array([source.get(key, UNKNOWN) for key in photos.keys])
    names = np.unique(named)
    if len(names) < 2:
        return ()
    found = [_versus(str(name), photos.only(named == name)) for name in names]
    asked = [one for one in found if one.balanced]
    adjusted = paired.holm([one.balanced.p_value or 0.0 for one in asked if one.balanced])
    told_so = {one.source: p_value for one, p_value in zip(asked, adjusted, strict=True)}
    found = [replace(one, p_holm=told_so.get(one.source)) for one in found]
    return tuple(sorted(found, key=lambda one: (one.balanced.difference if one.balanced else 2.0, one.source)))


def _versus(source: str, own: Shared) -> SourceVersus:
    different = len(set(own.keys))
    return SourceVersus(
        source, len(own), different, len(np.unique(own.groups)),
        two_runs.compare(own) if different >= LEAST_PHOTOS else None,
    )  # fmt: skip
