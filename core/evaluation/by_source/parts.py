"""How many photos of each source and label train, validate and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.data.collect.sources import UNKNOWN
from core.data.dataset.split import PARTS, Row
from core.schema.labels import Label


@dataclass(frozen=True)
class Spread:
    """The photos of one source and label: `parts` is part of the split -> photos."""

    source: str
    label: Label
    parts: dict[str, int]


def spread(rows: Iterable[Row], sources: Mapping[str, str]) -> list[Spread]:
    """A line for each source and label that has photos, the source with the most photos first; nothing where all are of
    one source. `sources` is file -> source; other photos are of an unknown one.

    >>> rows = [Row("a.jpg", Label.MASK, "a", "train"), Row("b.jpg", Label.MASK, "b", "test")]
    >>> [(own.source, own.parts["test"]) for own in spread(rows, {"a.jpg": "phone"})]
    [('phone', 0), ('unknown', 1)]
    """
    counts = Counter((sources.get(row.file, UNKNOWN), row.label, row.part) for row in rows)
    totals: Counter[str] = Counter()
    for (source, _, _), photos in counts.items():
        totals[source] += photos
    if len(totals) < 2:
        return []
    ordered = sorted(totals, key=lambda source: (-totals[source], source))
    found = [
        Spread(source, label, {part: counts[source, label, part] for part in PARTS})
        for source in ordered for label in Label
    ]  # fmt: skip
    return [one for one in found if any(one.parts.values())]
