"""Where files are kept while they are on their way: a hidden folder of their dataset, where each window of a browser
has a folder of its own."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.schema.errors import UserError

FOLDER = ".upload"
# What nobody went on with for so long is deleted.
_KEPT_SECONDS = 24 * 3600
# So long after its last message a window may still be sending: no other one writes into the same folder.
_CLAIMED_SECONDS = 20

_claims: dict[Path, tuple[str, float]] = {}
_lock = threading.Lock()


class BusyError(Exception):
    """Another window sends its files there."""


def claim(folder: Path, window: str) -> None:
    """Keep others from writing there for a while. Raises BusyError where another window does."""
    now = time.monotonic()
    with _lock:
        own, last = _claims.get(folder, (window, now))
        if own != window and now - last < _CLAIMED_SECONDS:
            raise BusyError
        _claims[folder] = window, now


def make(root: Path, name: str) -> Path:
    """A folder of that name, made if it is missing. Raises OSError. Not the dataset itself: one that was deleted
    meanwhile does not come back."""
    path = root
    for part in (FOLDER, name):
        path /= part
        path.mkdir(exist_ok=True)
        if path.is_symlink():
            raise OSError(0, "it is a link")
    return path


def remove(folder: Path) -> None:
    """Delete a window's folder."""
    if not folder.parent.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    with _lock:
        _claims.pop(folder, None)


def tidy(root: Path) -> None:
    """Delete what nobody went on with for a day."""
    top = root / FOLDER
    with suppress(OSError):
        for folder in () if top.is_symlink() else top.iterdir():
            if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
                remove(folder)


def clear(root: Path) -> None:
    """Delete all that is on its way into a dataset; who sends it begins anew. Raises OSError."""
    with suppress(FileNotFoundError):
        shutil.rmtree(root / FOLDER)


@contextmanager
def told(root: Path) -> Iterator[None]:
    """Raises UserError for an OSError in the block, as on a full disk."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The files can't be received in {root / FOLDER} ({error.strerror}): free some space or make the dataset's "
            "folder writable, then go on. What was sent so far is kept."
        ) from None
