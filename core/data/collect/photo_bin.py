"""The bin of a dataset: a hidden folder in it, which no scan looks through, where deleted photos keep their place below
until it is emptied."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from core.data.collect import move_photos
from core.data.collect.move_photos import Moved
from core.schema.errors import UserError

FOLDER = ".bin"


def throw(root: Path, files: Iterable[str]) -> Moved:
    """Move photos to the bin. Raises UserError as move_photos.move does."""
    return move_photos.move(root, {file: f"{FOLDER}/{file}" for file in files})


def content(root: Path) -> list[str]:
    """The files in the bin, relative to the dataset with forward slashes, sorted; none of a bin that is a link."""
    top = root / FOLDER
    if top.is_symlink():
        return []
    return sorted(
        (Path(folder) / name).relative_to(root).as_posix() for folder, _, names in os.walk(top) for name in names
    )


def put_back(root: Path) -> Moved:
    """Move all that is in the bin back to its place. Raises UserError as move_photos.move does."""
    moved = move_photos.move(root, {file: str(PurePosixPath(file).relative_to(FOLDER)) for file in content(root)})
    _remove_folders(root)
    return moved


def empty(root: Path) -> int:
    """Delete all that is in the bin for good, and return how many files that were. Raises UserError where they can't be
    deleted; some may be gone then."""
    files = content(root)
    try:
        for file in files:
            (root / file).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"The bin {root / FOLDER} can't be emptied ({error.strerror}): make the folder writable."
        ) from None
    move_photos.forget(root, files)
    _remove_folders(root)
    return len(files)


def _remove_folders(root: Path) -> None:
    """Those that are empty."""
    if not (root / FOLDER).is_symlink():
        for folder, _, _ in os.walk(root / FOLDER, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
