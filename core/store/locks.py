"""The lock of a folder that may be deleted: it lies in the folder, goes with it, and does not bring it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from core.schema.errors import UserError

_LOCK = ".lock"
# What is done under it takes a fraction of a second, but others may be waiting too.
_SECONDS = 30


@contextmanager
def held(folder: Path, proof: str) -> Iterator[None]:
    """Keeps all others, of this process and of others, out of such a block. `proof` is a file without which the folder
    counts as deleted.

    Raises UserError where the folder is gone, others take too long, or the disk is full.
    """
    with _acquired(folder, proof):
        yield


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
