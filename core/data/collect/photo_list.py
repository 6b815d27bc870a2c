"""The photos of a dataset as a grid shows them: filtered and sorted, without opening any of them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.data.collect import sources
from core.data.dataset import inspect_file, label_decisions, label_folders, walk
from core.data.dataset.label_decisions import Choice, Decision
from core.data.dataset.walk import LeftOut
from core.schema.labels import Label

Order = Literal["newest", "oldest", "name", "blurred", "unsure"]
RANKED: tuple[Order, ...] = ("blurred", "unsure")
"""Orders by a number that is not the list's own."""
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Item:
    """A file below a label's folder. `file` is relative to the dataset with forward slashes; `label` is the one decided
    by hand, or else `folder_label`, its folder's; `person` and `source` are empty where they are unknown; `choice` is
    what was decided; `changed` is the file's time in ns, `size` its bytes and `inode` its place on the disk."""

    file: str
    label: Label
    folder_label: Label
    person: str
    source: str
    choice: Choice | None
    changed: int
    size: int
    inode: int


@dataclass(frozen=True)
class Wanted:
    """Which photos, and in which order: None stands for all, "" for the unknown person or source, "none" for no
    decision."""

    label: Label | None = None
    person: str | None = None
    source: str | None = None
    choice: Choice | Literal["none"] | None = None
    order: Order = "newest"


def read(root: Path) -> list[Item]:
    """All files below label folders, but for those that no scan takes for their place or name. Raises UserError for a
    folder that is no dataset, and for a table beside the photos that can't be understood."""
    root = root.expanduser().resolve()
    decided, known = label_decisions.read(root), sources.read(root)
    reachable, start = label_folders.reachable(root), len(str(root).rstrip(os.sep)) + 1
    found = []
    for label, folder in label_folders.label_folders(root):
        for entry in walk.files(str(folder), reachable):
            if isinstance(entry, LeftOut):
                continue
            file = entry.path[start:].replace(os.sep, "/")
            parts = file.split("/")
            if len(parts) > 3 or not inspect_file.is_text(file):
                continue
            item = Item(file, label, label, parts[1] if len(parts) == 3 else "", "", None, *_stamp(entry))
            found.append(_as_written(item, decided.get(file), known.get(file, "")))
    return found


def with_tables(root: Path, items: Iterable[Item]) -> list[Item]:
    """The same files, with what is written about them now; of many this takes a small part of what `read` does. Raises
    UserError for a table beside the photos that can't be understood."""
    decided, known = label_decisions.read(root), sources.read(root)
    return [_as_written(item, decided.get(item.file), known.get(item.file, "")) for item in items]


def choose(items: Iterable[Item], wanted: Wanted, ranks: Mapping[str, float] | None = None) -> list[Item]:
    """Those that are wanted, in order; where it is one of RANKED, by the number in `ranks` of each file, the lowest
    first and those without one last."""
    found = [item for item in items if _is_wanted(item, wanted)]
    if wanted.order == "name":
        return sorted(found, key=lambda item: _natural(item.file))
    if wanted.order in RANKED:
        known = ranks or {}
        return sorted(found, key=lambda item: (known.get(item.file, math.inf), item.file))
    # Photos of one moment are in the order of their names either way.
    found.sort(key=lambda item: item.file)
    return sorted(found, key=lambda item: item.changed, reverse=wanted.order == "newest")


def _as_written(item: Item, decision: Decision | None, source: str) -> Item:
    """The file with what is written about it."""
    label = (decision.label if decision else None) or item.folder_label
    choice = decision.choice if decision else None
    if (label, choice, source) == (item.label, item.choice, item.source):
        return item
    return replace(item, label=label, choice=choice, source=source)


def _is_wanted(item: Item, wanted: Wanted) -> bool:
    choice = None if wanted.choice == "none" else wanted.choice
    return (
        wanted.label in (None, item.label)
        and wanted.person in (None, item.person)
        and wanted.source in (None, item.source)
        and (wanted.choice is None or choice == item.choice)
    )


def _natural(file: str) -> list[tuple[int, str]]:
    """2.jpg comes before 10.jpg."""
    # Every other part is a number.
    parts = _NUMBERS.split(file.lower())
    return [(int(part) if place % 2 else 0, part) for place, part in enumerate(parts)]


def _stamp(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    """Time in ns, bytes and inode."""
    try:
        status = entry.stat()
    except OSError:
        return 0, 0, 0
    return status.st_mtime_ns, status.st_size, status.st_ino
