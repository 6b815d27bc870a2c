"""Files that others write, read again only where they changed: whole ones by their stamp, growing CSVs by what was
appended. Nothing is believed that the disk doesn't say: a file that was replaced, cut or deleted is seen at once."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Generic, TypeVar

from core.store.files.checked_csv import CHECK, intact

Value = TypeVar("Value")
Stamp = tuple[int, int, int]
# A file written twice within the clock's tick may look the same: what is as new as this is read again.
_TICK_NS = 100_000_000


class Recent(Generic[Value]):
    """The last `most` values by key; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Hashable, Value](), Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class Parsed(Generic[Value]):
    """What `parse` makes of a file's text, for the last `most` files, until a file's size, time or inode changes.

    The value is shared by all who ask: it must be one that nobody changes.
    """

    def __init__(self, parse: Callable[[str], Value], most: int) -> None:
        self._parse, self._recent = parse, Recent[tuple[Stamp, Value]](most)

    def of(self, path: Path) -> Value:
        """Raises OSError when the file can't be read, and what `parse` raises."""
        try:
            status = path.stat()
        except OSError:
            self._recent.drop(path)
            raise
        stamp = status.st_mtime_ns, status.st_size, status.st_ino
        kept = self._recent.get(path)
        if kept and kept[0] == stamp:
            return kept[1]
        value = self._parse(path.read_text())
        if time.time_ns() - status.st_mtime_ns > _TICK_NS:
            self._recent.put(path, (stamp, value))
        return value


@dataclass(frozen=True)
class _Read:
    """`last` is the last line that was read, which ends at byte `end`: the proof that what came before still stands."""

    inode: int
    end: int
    last: bytes
    columns: tuple[str, ...]
    rows: tuple[dict[str, float], ...]


class Rows:
    """Rows of numbers in CSVs that grow, for the last `most` files: only what was appended is read. A last line without
    its newline is not a row yet, and neither are a damaged line and those after it."""

    def __init__(self, most: int) -> None:
        self._recent = Recent[_Read](most)

    def of(self, path: Path) -> list[dict[str, float]]:
        """All rows; none of a file that isn't there."""
        try:
            with path.open("rb") as file:
                kept, inode = self._recent.get(path), os.fstat(file.fileno()).st_ino
                if kept is None or kept.inode != inode or not _continues(file, kept):
                    kept = _Read(inode, 0, b"", (), ())
                file.seek(kept.end)
                new = file.read()
        except OSError:
            self._recent.drop(path)
            return []
        kept = _with(kept, new[: new.rfind(b"\n") + 1])
        self._recent.put(path, kept)
        return [dict(row) for row in kept.rows]


def _continues(file: BinaryIO, kept: _Read) -> bool:
    file.seek(kept.end - len(kept.last))
    return file.read(len(kept.last)) == kept.last


def _with(kept: _Read, new: bytes) -> _Read:
    if not new:
        return kept
    lines = new.split(b"\n")[:-1]
    read, last, columns, rows = 0, kept.last, kept.columns, []
    for line in lines:
        text = line.decode(errors="replace")
        if not columns:
            columns = tuple(text.split(","))
        elif (row := _row(text, columns)) is None:
            break
        else:
            rows.append(row)
        last = line + b"\n"
        read += len(last)
    return _Read(kept.inode, kept.end + read, last, columns, kept.rows + tuple(rows))


def _row(line: str, columns: tuple[str, ...]) -> dict[str, float] | None:
    """None for a line that is not what was written."""
    sealed = columns[-1] == CHECK
    if sealed and not intact(line):
        return None
    try:
        row = dict(zip(columns, map(float, line.split(",")), strict=True))
    except ValueError:
        return None
    if sealed:
        del row[CHECK]
    return row
