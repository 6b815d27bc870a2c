"""What an import has done so far, in words and as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from core.schema.labels import Label

SHOWN = 200
"""Letters of a path or of a class's name that a table shows."""


class Refused(NamedTuple):
    """A file that was not imported, and why."""

    file: str
    reason: str


@dataclass
class Tally:
    """`done` of `total` photos, and pictures of videos; `waiting` counts faces in the inbox; `leftovers` are files of
    the system that were skipped; `unknown` counts boxes by the name of a class that is no label, `left_out` pictures of
    a video by its path and the reason."""

    done: int = 0
    total: int = 0
    added: Counter[Label] = field(default_factory=Counter)
    waiting: int = 0
    there: int = 0
    leftovers: int = 0
    refused: list[Refused] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    left_out: Counter[Refused] = field(default_factory=Counter)

    def words(self) -> str:
        """The result in a sentence, as "5,000 photos added (mask 2,500, no_mask 2,500), 12 there already"."""
        added, parts = self.added.total(), []
        each = ", ".join(f"{label} {self.added[label]:,}" for label in Label if self.added[label])
        if added or not self.waiting:
            parts.append(f"{added:,} photo{'s' * (added != 1)} added" + f" ({each})" * bool(each))
        if self.waiting:
            parts.append(f"{self.waiting:,} face{'s' * (self.waiting != 1)} in the inbox")
        if self.there:
            parts.append(f"{self.there:,} there already")
        if self.left_out:
            parts.append(f"{_pictures(self.left_out.total())} of videos left out")
        if self.refused:
            parts.append(f"{len(self.refused):,} refused")
        if self.unknown:
            parts.append(f"{self.unknown.total():,} boxes of unknown classes left out")
        if self.leftovers:
            parts.append(f"{self.leftovers:,} hidden or system files skipped")
        return ", ".join(parts)

    def table(self) -> list[Refused]:
        """All that was refused, a line for each unknown class, and for each reason to leave out pictures of a video."""
        classes = [Refused(f"class {name}", f"no label: {count:,} boxes left out") for name, count in
                   self.unknown.most_common()]  # fmt: skip
        videos = [Refused(file, f"{reason}: {_pictures(count)} left out") for (file, reason), count in
                  self.left_out.items()]  # fmt: skip
        return classes + videos + self.refused

    def refuse(self, file: str, reason: str) -> None:
        """Note a file that is not imported."""
        self.refused.append(Refused(short(file), reason))


def short(file: str) -> str:
    """As much of a path as a table shows."""
    return file if len(file) <= SHOWN else f"{file[:SHOWN]}…"


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' * (count != 1)}"
