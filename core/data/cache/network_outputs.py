"""Where what networks made lies on disk: cached augmented features of trainings, vectors that find label issues, and
networks themselves, ready to run. Of all of them the least recently used go first. Needs no torch."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from core.store import paths

MOST_BYTES = 4 << 30
VIEWS, VECTORS = ".npy", ".npz"
# Who writes a draft adds to it more often than this.
_WRITTEN_SECONDS = 3600


def folder() -> Path:
    """The files' folder; it may not exist yet."""
    return paths.home() / "cache" / "features"


def size() -> int:
    """Bytes on disk."""
    return sum(_bytes(path) for path in _files())


def clear() -> None:
    """Delete all of them; a training at work keeps what it has mapped. Raises OSError."""
    for path in _files():
        path.unlink(missing_ok=True)


def used(path: Path) -> None:
    """Remember that the file was used now."""
    with contextlib.suppress(OSError):
        os.utime(path)


def forget_oldest(newest: Path) -> None:
    """Delete what is over MOST_BYTES, but never `newest`."""
    total = _bytes(newest)
    for path in sorted(set(_files()) - {newest}, key=_last_used, reverse=True):
        total += _bytes(path)
        if total > MOST_BYTES:
            # Whoever reads it still has it.
            path.unlink(missing_ok=True)


def _files() -> Iterator[Path]:
    return (path for path in folder().glob("*") if path.suffix in (VIEWS, VECTORS) or _abandoned(path))


def _abandoned(path: Path) -> bool:
    """Whether it is a draft whose writer was killed."""
    return path.suffix == ".tmp" and time.time() - _last_used(path) > _WRITTEN_SECONDS


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # Another process has just deleted it.
        return 0


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
