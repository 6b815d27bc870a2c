"""Photos made small to look at, kept in memory until their file changes: on disk there is nothing to forget."""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from core.data.images.decode import PhotoError, decode
from core.store.files.file_cache import Recent

SIDE = 128
_QUALITY, _THREADS = 80, 4
# About 4 kB each.
_kept = Recent[bytes](8000)


def thumbnails(paths: Iterable[Path], side: int = SIDE) -> list[bytes | None]:
    """Each photo as a JPEG of at most `side` x `side` pixels, upright; None of one that can't be read."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda path: _thumbnail(path, side), paths))


def clear() -> None:
    """Keep none of them any longer."""
    _kept.clear()


def _thumbnail(path: Path, side: int) -> bytes | None:
    try:
        status = path.stat()
        key = path, side, status.st_ino, status.st_size, status.st_mtime_ns
        if (known := _kept.get(key)) is None:
            image = decode(path, wanted_side=side)
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            out = io.BytesIO()
            image.save(out, "JPEG", quality=_QUALITY)
            known = out.getvalue()
            _kept.put(key, known)
    except (OSError, PhotoError):
        return None
    return known
