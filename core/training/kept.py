"""Where kept views lie on disk: files of features, of which the least recently used go first. Needs no torch."""

from __future__ import annotations

from pathlib import Path

from core import paths

MOST_BYTES = 4 << 30


def folder() -> Path:
    """The files' folder; it may not exist yet."""
    return paths.home() / "cache" / "features"


def size() -> int:
    """Bytes on disk."""
    return sum(_bytes(path) for path in folder().glob("*.npy"))


def clear() -> None:
    """Delete all of them; a training at work keeps what it has mapped. Raises OSError."""
    for path in folder().glob("*.npy"):
        path.unlink(missing_ok=True)


def forget_oldest(newest: Path) -> None:
    """Delete what is over MOST_BYTES, but never `newest`."""
    files = sorted(folder().glob("*.npy"), key=_used, reverse=True)
    total = 0
    for path in files:
        total += _bytes(path)
        if total > MOST_BYTES and path != newest:
            # Whoever reads it still has it.
            path.unlink(missing_ok=True)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # Another process has just deleted it.
        return 0


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
