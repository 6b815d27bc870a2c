"""A file of facts, key -> value, that only grows: half an entry or a damaged one is no entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

WIDTH = 16
_CHECK = 8
ENTRY = WIDTH + WIDTH + _CHECK


def digest(data: bytes) -> bytes:
    """BLAKE2b of WIDTH bytes."""
    return hashlib.blake2b(data, digest_size=WIDTH).digest()


class KeyValueLog:
    """`known` is key -> (number of its entry, value), the latest entry of a key; keys and values are WIDTH bytes.

    Who reads or appends holds a lock that keeps other processes out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[bytes, tuple[int, bytes]] = {}
        self.entries = 0

    def read(self) -> None:
        """Take in what was appended since the last time, by whatever process. Raises OSError."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self.entries * ENTRY)
            data = file.read()
        for start in range(0, len(data) - ENTRY + 1, ENTRY):
            self._take(data[start : start + ENTRY])

    def append(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Write entries after those that were read; an unfinished one at the end is written over. Raises OSError."""
        entries = [key + value for key, value in items]
        whole = [entry + _check(self.entries + at, entry) for at, entry in enumerate(entries)]
        with self.path.open("r+b" if self.path.exists() else "xb") as file:
            file.seek(self.entries * ENTRY)
            file.write(b"".join(whole))
        for entry in whole:
            self._take(entry)

    def _take(self, entry: bytes) -> None:
        number, content = self.entries, entry[:-_CHECK]
        self.entries += 1
        if _check(number, content) == entry[-_CHECK:]:
            self.known[content[:WIDTH]] = (number, content[WIDTH:])


def _check(number: int, content: bytes) -> bytes:
    # The number is part of it, so that an entry in the wrong place is a damaged one.
    return hashlib.blake2b(number.to_bytes(8) + content, digest_size=_CHECK).digest()
