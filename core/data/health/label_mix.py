"""Which labels each source has, and labels that come from nearly one source alone: where a source can be told from a
photo, they can be learnt from it instead of from the mask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.data.collect.sources import UNKNOWN
from core.data.dataset.scan import Scan
from core.schema.labels import Label
from core.text.markup import one_line
from core.text.numbers import percent

# Of fewer photos no share says anything.
_LEAST = 10
# A label is of nearly one source from the first share on, where of the other labels less than the second is of it:
# a source that has nearly everything gives no label away.
_NEARLY, _OTHERS = 0.9, 0.5

Mix = dict[str, Counter[Label]]
"""Source -> photos per label, the source with the most photos first."""


@dataclass(frozen=True)
class Leaning:
    """Of `label`, the share `own` (0..1) is of `source`; of all other photos, the share `others`."""

    label: Label
    source: str
    own: float
    others: float

    @property
    def words(self) -> str:
        return f"{percent(self.own, 0)} of {self.label} is of the source {one_line(self.source)}"


def mix(scan: Scan, told: Mapping[str, str]) -> Mix:
    """The labels of each source, where `told` is file -> source of every photo; empty where all are of one source."""
    counts: Mix = {}
    for photo in scan.photos:
        counts.setdefault(told[photo.file], Counter())[photo.label] += 1
    ordered = sorted(counts, key=lambda source: (-counts[source].total(), source))
    return {source: counts[source] for source in ordered} if len(counts) > 1 else {}


def leaning(found: Mix) -> list[Leaning]:
    """The labels that come from nearly one source."""
    totals = sum(found.values(), Counter[Label]())
    told = []
    # Photos of an unknown source may be of many.
    named = [source for source in found if source != UNKNOWN]
    for label in (label for label in Label if totals[label] >= _LEAST):
        source = max(named, key=lambda name: found[name][label])
        own, rest = found[source][label] / totals[label], totals.total() - totals[label]
        others = (found[source].total() - found[source][label]) / rest if rest else 1.0
        if own >= _NEARLY and others < _OTHERS:
            told.append(Leaning(label, source, own, others))
    return told
