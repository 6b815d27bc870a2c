"""The lock of a folder that may be deleted: it lies in the folder, goes with it, and does not bring it back. And a lock
that is waited for in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from core.schema.errors import UserError

_LOCK = ".lock"
# What is done under it takes a fraction of a second, but others may be waiting too.
_SECONDS = 30
_TRY_SECONDS, _PAUSE_SECONDS = 0.2, 0.3


@contextmanager
def held(folder: Path, proof: str) -> Iterator[None]:
    """Keeps all others, of this process and of others, out of such a block. `proof` is a file without which the folder
    counts as deleted.

    Raises UserError where the folder is gone, others take too long, or the disk is full.
    """
    with _acquired(folder, proof):
        yield


def in_turn(path: Path, wait: Callable[[], object], first: Callable[[], bool]) -> AcquireReturnProxy[FileLock]:
    """The lock of a file, tried while this is `first` in its queue, and waited for without end. `wait` is called a few
    times a second meanwhile, and ends the waiting by raising. Its block gives the lock back."""
    lock = FileLock(path)
    while True:
        if first():
            with suppress(Timeout):
                return lock.acquire(timeout=_TRY_SECONDS)
        wait()
        time.sleep(_PAUSE_SECONDS)


def _acquired(folder: Path, proof: str) -> AcquireReturnProxy[FileLock]:
    gone = UserError(f"There is no {folder.name} in {folder.parent.name}/ any more: it was deleted.")
    if not (folder / proof).is_file():
        raise gone
    lock = FileLock(folder / _LOCK, timeout=_SECONDS)
    try:
        taken = lock.acquire()
    except Timeout:
        raise UserError(f"{folder.name} is being started, stopped or deleted: try again in a moment.") from None
    except FileNotFoundError:
        raise gone from None
    except OSError as error:
        raise UserError(f"{folder.name} can't be locked ({error.strerror}): free some space first.") from None
    if (folder / proof).is_file():
        return taken
    # Deleted while this waited for the lock, which has made the folder anew.
    (folder / _LOCK).unlink(missing_ok=True)
    lock.release()
    with suppress(OSError):
        folder.rmdir()
    raise gone
