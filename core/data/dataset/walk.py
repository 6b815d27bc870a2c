"""What lies in a dataset's folder, and what of it is left out and why: links that lead elsewhere, folders that may not
be read. Nothing is left out silently."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

OUTSIDE = (
    "a link that leads out of this dataset and of the folders that may be read: put the photos themselves here, or "
    "start Mask Lab with MASKLAB_DATA set to their folder"
)
_ODD = "neither a file nor a folder"


class LeftOut(NamedTuple):
    """A file or folder that is left out, and the reason."""

    path: str
    reason: str


def files(folder: str, roots: Sequence[Path]) -> Iterator[os.DirEntry[str] | LeftOut]:
    """The files of a folder and its sub-folders, hidden ones passed over, and all that is left out.

    A link to a file is followed where it leads to a place under one of `roots` (resolved); a link to a folder is not,
    so that no folder is gone through twice.
    """
    try:
        items = list(os.scandir(folder))
    except OSError as error:
        yield LeftOut(folder, f"a folder that can't be read, nor its files counted ({error.strerror})")
        return
    for item in items:
        if item.name.startswith("."):
            continue
        if item.is_symlink():
            reason = _unfit(item.path, roots)
            yield LeftOut(item.path, reason) if reason else item
        elif item.is_dir(follow_symlinks=False):
            yield from files(item.path, roots)
        else:
            yield item if item.is_file(follow_symlinks=False) else LeftOut(item.path, _ODD)


def astray(path: Path, roots: Sequence[Path]) -> str | None:
    """Why a path, its links followed, is not at a place under one of `roots` (resolved); None where it is."""
    try:
        target = Path(os.path.realpath(path, strict=True))
    except OSError as error:
        return f"a link that can't be followed ({error.strerror})"
    return None if any(target.is_relative_to(root) for root in roots) else OUTSIDE


def _unfit(link: str, roots: Sequence[Path]) -> str | None:
    if reason := astray(Path(link), roots):
        return reason
    if os.path.isdir(link):
        return f"a link to a folder, which is not followed ({_count(link)} files in it): put the folder itself here"
    return None if os.path.isfile(link) else _ODD


def _count(folder: str) -> int:
    """Files in a folder and its sub-folders, hidden ones passed over, no link to a folder followed."""
    count = 0
    for _, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        count += sum(not name.startswith(".") for name in names)
    return count
