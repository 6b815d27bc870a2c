"""A version of a dataset: each photo by its file and content, with its label, person, source and what was decided by
hand. The version's id is a digest of that, so the same photos are the same version wherever and whenever they are."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from core.data.collect import sources
from core.data.dataset.scan import Photo, Scan
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store.files.atomic import replacing
from core.store.files.checked_json import digest, seal, unseal

Decision = Literal["", "relabel", "exclude"]
SHORT = 8
"""Digits of an id that people read and type."""
_COLUMNS = ("file", "digest", "label", "group", "source", "decision")
# Of a manifest of 50,000 photos a higher level takes twice the time and saves a twentieth.
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo. `file` is relative to the dataset with forward slashes; `digest` is of its bytes; `group` is that of
    groups.csv and `source` that of sources.csv, "" where they do not name it."""

    file: str
    digest: str
    label: Label
    group: str
    source: str
    decision: Decision

    @property
    def folder(self) -> str:
        """Its person's sub-folder, "" where there is none."""
        parts = self.file.split("/")
        return parts[1] if len(parts) == 3 else ""

    @property
    def person(self) -> str:
        """The group of groups.csv, or else the person's folder."""
        return self.group or self.folder

    @property
    def used(self) -> bool:
        """Whether it was not excluded by hand."""
        return self.decision != "exclude"


@dataclass(frozen=True)
class Head:
    """What can be said of a version without its photos: `photos` are those not excluded, `when` (ISO 8601) is when it
    was first seen, `forgotten` entries were taken out since, for persons who were to be forgotten."""

    id: str
    photos: int
    when: str
    forgotten: int = 0


@dataclass(frozen=True)
class Version:
    """All entries, in the order in which a scan lists them."""

    head: Head
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def digests(self) -> dict[str, str]:
        """File -> content of all photos."""
        return {entry.file: entry.digest for entry in self.entries}


def of_scan(scan: Scan) -> Version:
    """The present version. A sources.csv that can't be understood counts as none: photos are of unknown source then."""
    told: Mapping[str, str] = scan.told_sources or {}
    if scan.told_sources is None:
        with suppress(UserError):
            told = sources.read(scan.root)

    def entry(photo: Photo, excluded: bool) -> Entry:
        folder_label = labels.from_folder(photo.file.split("/")[0])
        decision: Decision = "exclude" if excluded else "relabel" if folder_label != photo.label else ""
        group, source = scan.listed_groups.get(photo.file, ""), told.get(photo.file, "")
        return Entry(photo.file, photo.digest, photo.label, group, source, decision)

    used = [entry(photo, False) for photo in scan.photos]
    return make([*used, *(entry(photo, True) for photo in scan.excluded)])


def make(entries: Iterable[Entry]) -> Version:
    """The version of these photos, seen now."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.file.split("/")))
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Version(Head(digest(_table(ordered).encode()), sum(entry.used for entry in ordered), now), ordered)


def without(version: Version, gone: Callable[[Entry], bool]) -> Version:
    """The version less some entries, which are to be forgotten: it keeps its id and counts them."""
    kept = tuple(entry for entry in version.entries if not gone(entry))
    forgotten = version.head.forgotten + len(version.entries) - len(kept)
    return Version(replace(version.head, forgotten=forgotten), kept)


def write(version: Version, path: Path) -> None:
    """Write it compressed, whole or not at all. Raises OSError."""
    text = f"{seal(vars(version.head))}\n{_table(version.entries)}"
    with replacing(path) as draft:
        # Without a time inside, the same version is the same file.
        draft.write_bytes(gzip.compress(text.encode(), _LEVEL, mtime=0))


def read(path: Path) -> Version | None:
    """None where there is none, as in a run of an older release. Raises UserError for a damaged one."""
    try:
        first, _, rows = gzip.decompress(path.read_bytes()).decode().partition("\n")
        table = csv.reader(io.StringIO(rows, newline=""), strict=True)
        next(table)
        entries = tuple(map(_entry, table))
        version = Version(_head(first), entries)
        if version.head.forgotten or version.id == digest(rows.encode()):
            return version
    except FileNotFoundError:
        return None
    except (OSError, EOFError, zlib.error, ValueError, TypeError, csv.Error, StopIteration):
        pass
    raise UserError(
        f"{path.name} of {path.parent.name} is damaged, so which photos it was given can't be told: put a copy of it "
        "back. What the run has learnt stands."
    )


def head(path: Path) -> Head | None:
    """The same without its photos, which is quick; None for a damaged one too."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return _head(file.readline())
    except (OSError, EOFError, zlib.error, ValueError, TypeError):
        return None


def _table(entries: Iterable[Entry]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    # 50,000 of them are written in a third of the time that one dict each takes.
    table.writerows(map(attrgetter(*_COLUMNS), entries))
    return text.getvalue()


def _head(line: str) -> Head:
    """Raises ValueError or TypeError for what is none."""
    found = Head(**unseal(line.rstrip("\n")))
    # A damaged seal is not one of the last release, which had no manifests.
    if seal(vars(found)) != line.rstrip("\n"):
        raise ValueError("it is not what was written")
    return found


def _entry(row: list[str]) -> Entry:
    """Raises ValueError or TypeError for what is none."""
    file, content, label, group, source, decision = row
    known: dict[str, Any] = {"": "", "relabel": "relabel", "exclude": "exclude"}
    if decision not in known:
        raise ValueError(f"no decision: {decision}")
    return Entry(file, content, Label(label), group, source, known[decision])
