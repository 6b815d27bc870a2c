"""One memory-mapped file of decoded resized inputs, and the index beside it that says what is in it.

Nothing in it is ever written over or cut off, because another process may have it mapped; it may be deleted.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from pathlib import Path

import numpy as np

from core.data.cache.key_value_log import ENTRY, WIDTH, KeyValueLog

SUFFIX = ".squares"
_INDEX = ".index"


class Segment:
    """`squares` are uint8 (n, S, S, 3), read-only. Who reads or appends holds the cache's lock."""

    def __init__(self, path: Path, side: int) -> None:
        self.path, self.used = path, False
        self.squares = np.empty((0, side, side, 3), np.uint8)
        self._record = 3 * side**2
        self._index = KeyValueLog(path.with_suffix(_INDEX))

    def read(self) -> None:
        """Take in what was appended since the last time; let go of a file that was deleted and never used here.

        Raises OSError.
        """
        if self.path.exists():
            self._index.read()
            self._map()
        elif not self.used:
            self._index.known.clear()
            self.squares = self.squares[:0].copy()

    def find(self, content: bytes) -> int | None:
        """The number of a content's resized input, or None where there is none or it is not what was written."""
        number, checksum = self._index.known.get(content, (0, b""))
        if number >= len(self.squares) or _checksum(self.squares[number]) != checksum:
            return None
        if not self.used:
            self.used = True
            with contextlib.suppress(OSError):
                os.utime(self._index.path)
        return number

    def takes(self, largest: int) -> bool:
        """Whether more may be appended: below this size in bytes, and left as its last writer meant to leave it."""
        try:
            size, index = self.path.stat().st_size, self._index.path.stat().st_size
        except OSError:
            return False
        return size == self._index.entries * self._record < largest and index == self._index.entries * ENTRY

    def append(self, squares: dict[bytes, np.ndarray]) -> dict[bytes, int]:
        """Write content -> resized input; returns content -> number. Raises OSError, with nothing added."""
        first = self._index.entries
        try:
            with self.path.open("ab") as file:
                for square in squares.values():
                    file.write(square.data)
        except OSError:
            # Nobody reads what the index doesn't name, so that this may be cut off.
            with contextlib.suppress(OSError):
                os.truncate(self.path, first * self._record)
            raise
        # Only now: whoever finds an entry finds its resized input.
        self._index.append((content, _checksum(square)) for content, square in squares.items())
        self._map()
        self.used = True
        return {content: number for number, content in enumerate(squares, start=first)}

    def _map(self) -> None:
        size = self.path.stat().st_size if self.path.exists() else 0
        whole = min(self._index.entries, size // self._record)
        if whole > len(self.squares):
            self.squares = np.asarray(np.memmap(self.path, np.uint8, "r", shape=(whole, *self.squares.shape[1:])))


def last_used(path: Path) -> int:
    """When a process last found something in this file, in nanoseconds; 0 for one that nobody can find anything in."""
    try:
        return path.with_suffix(_INDEX).stat().st_mtime_ns
    except OSError:
        return 0


def delete(path: Path) -> None:
    """Delete the file and its index; who has it mapped keeps what it sees."""
    # A system that doesn't delete mapped files keeps it.
    with contextlib.suppress(OSError):
        path.with_suffix(_INDEX).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _checksum(square: np.ndarray) -> bytes:
    return zlib.crc32(np.ascontiguousarray(square).data).to_bytes(WIDTH)
