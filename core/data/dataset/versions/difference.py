"""What changed from one version of a dataset to another, photo by photo; photos are known by their content."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.data.dataset.versions.manifest import Entry, Version
from core.schema.labels import Label

KINDS = {
    "added": "added",
    "removed": "removed",
    "replaced": "other content under the same name",
    "excluded": "excluded by hand",
    "included": "no longer excluded",
    "relabelled": "relabelled",
    "person": "moved to another person",
    "source": "of another source",
    "renamed": "renamed",
}
"""What can have become of a photo, in words, in the order in which it is told."""


@dataclass(frozen=True)
class Change:
    """A photo: its file and label in the newer version, of a removed one in the older; `before` and `now` are what of
    it changed (a label, a person, a source, a file), "" where there is nothing to say."""

    file: str
    label: Label
    before: str = ""
    now: str = ""


@dataclass(frozen=True)
class Difference:
    """`changes` holds those KINDS of which there are some; a photo may be in several. `same` photos did not change."""

    changes: dict[str, tuple[Change, ...]]
    same: int

    def counts(self) -> dict[str, Counter[Label]]:
        """Photos per label of each kind."""
        return {kind: Counter(change.label for change in own) for kind, own in self.changes.items()}

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "same": self.same,
            "counts": {kind: {str(label): n for label, n in own.items()} for kind, own in self.counts().items()},
            "changes": {kind: [vars(change) for change in own] for kind, own in self.changes.items()},
        }


def between(older: Version, newer: Version) -> Difference:
    """From the older version to the newer one."""
    before, now = ({entry.file: entry for entry in version.entries} for version in (older, newer))
    pairs = _pairs(before, now)
    found: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    same = 0
    for old, new in pairs:
        changes = _changes(old, new)
        same += not changes
        for kind, change in changes.items():
            found[kind].append(change)
    left = before.keys() - {old.file for old, _ in pairs}
    come = now.keys() - {new.file for _, new in pairs}
    for file in left & come:
        found["replaced"].append(Change(file, now[file].label))
    found["removed"] += [Change(file, before[file].label) for file in left - come]
    found["added"] += [Change(file, now[file].label) for file in come - left]
    told = {kind: tuple(sorted(own, key=lambda one: one.file)) for kind, own in found.items() if own}
    return Difference(told, same)


def _pairs(before: dict[str, Entry], now: dict[str, Entry]) -> list[tuple[Entry, Entry]]:
    """Entries of the same content: first those of the same name, then the others."""
    pairs = [(old, new) for old in before.values() if (new := now.get(old.file)) and new.digest == old.digest]
    paired = {old.file for old, _ in pairs}
    others: dict[str, list[Entry]] = defaultdict(list)
    for new in now.values():
        if new.file not in paired:
            others[new.digest].append(new)
    moved: Sequence[Entry] = [old for old in before.values() if old.file not in paired]
    return pairs + [(old, others[old.digest].pop(0)) for old in moved if others[old.digest]]


def _changes(old: Entry, new: Entry) -> dict[str, Change]:
    if old.used != new.used:
        return {"excluded" if old.used else "included": Change(new.file, new.label)}
    told = {
        "relabelled": (str(old.label), str(new.label)),
        "person": (old.person, new.person),
        "source": (old.source, new.source),
    }
    found = {kind: Change(new.file, new.label, *both) for kind, both in told.items() if both[0] != both[1]}
    if not found and old.file != new.file:
        found["renamed"] = Change(new.file, new.label, old.file, new.file)
    return found
