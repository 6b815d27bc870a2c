"""Photos of a dataset given another place in it: a person's folder, the bin. Never over another file, and what is
written about them (decisions.csv, groups.csv, sources.csv, inbox.csv) goes along."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.data.collect import new_dataset, sources
from core.data.collect.inbox import table as inbox
from core.data.collect.keep_photo import DIGITS
from core.data.dataset import hand_tables, label_decisions, scan
from core.schema.errors import UserError

_TABLES = (label_decisions.FILE, scan.GROUPS_FILE)


@dataclass(frozen=True)
class Moved:
    """`names` is the file before -> the file now of what was moved, `failed` the file -> the reason of what was not.
    Files are relative to the dataset with forward slashes."""

    names: dict[str, str]
    failed: dict[str, str]


class _FailedError(OSError):
    """The message is the reason, fit for the user to read."""


def to_person(root: Path, files: Iterable[str], person: str) -> Moved:
    """Move photos to the person's folder below their own label's. Raises UserError as `move` does, and for a name that
    can't be a folder's."""
    folder = new_dataset.folder_name(person)
    parts = {file: PurePosixPath(file).parts for file in files}
    return move(root, {file: f"{own[0]}/{folder}/{own[-1]}" for file, own in parts.items()})


def move(root: Path, wanted: Mapping[str, str]) -> Moved:
    """Move files (file -> its new place); where another file is there already, it gets another name by its content, as
    keep_photo does it. A file that can't be moved stays where it is, others go.

    Raises UserError where the tables beside the photos can't be written: nothing is moved then.
    """
    with hand_tables.alone(root):
        names, failed = _free_names(root, wanted)
        known = sources.read(root)
        # First the new names, last the old ones: killed in between, every photo still has what is written about it.
        for table in _TABLES:
            hand_tables.copy_rows(root / table, names)
        inbox.copy(root, names)
        sources.note(root, {new: known[old] for old, new in names.items() if old in known})
        for old, new in names.items():
            try:
                _move(root, old, new)
            except OSError as error:
                failed[old] = _reason(error)
        moved = {old: new for old, new in names.items() if old not in failed}
        unused = {*moved, *(names[old] for old in failed if old in names)} - {*moved.values()}
        # What is written about a file that is not there has no effect.
        with contextlib.suppress(UserError):
            forget(root, unused)
        return Moved(moved, failed)


def forget(root: Path, files: Collection[str]) -> None:
    """Take what is written about files out of the tables beside the photos. Raises UserError where they can't be
    written."""
    for table in _TABLES:
        hand_tables.drop_rows(root / table, files)
    inbox.drop(root, files)
    sources.drop(root, files)


def _free_names(root: Path, wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names that no other file has for those that can be moved, and the reasons of the others."""
    names: dict[str, str] = {}
    failed: dict[str, str] = {}
    for old, new in wanted.items():
        if old == new:
            continue
        try:
            names[old] = _free_name(root, old, new, set(names.values()))
        except OSError as error:
            failed[old] = _reason(error)
    return names, failed


def _free_name(root: Path, old: str, new: str, taken: Collection[str]) -> str:
    """Raises OSError."""
    source = root / old
    if ".." in PurePosixPath(old).parts or not source.is_file():
        raise FileNotFoundError
    if source.is_symlink():
        raise _FailedError("it is a link: move it by hand")
    if _is_free(root, old, new, taken):
        return new
    path = PurePosixPath(new)
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    other = str(path.with_name(f"{path.stem}-{digest}{path.suffix}"))
    if not _is_free(root, old, other, taken):
        raise _FailedError(f"{new} is there already")
    return other


def _is_free(root: Path, old: str, new: str, taken: Collection[str]) -> bool:
    # The same file under both names is what is left of a move that was cut off.
    target = root / new
    return new not in taken and (
        not os.path.lexists(target) or (target.exists() and target.samefile(root / old))
    )


def _move(root: Path, old: str, new: str) -> None:
    """Raises OSError; the file is whole at one of the two places then, or at both."""
    source, target = root / old, root / new
    _make_folders(root, PurePosixPath(new).parent)
    # Unlike a rename a link never replaces what came there meanwhile.
    try:
        os.link(source, target)
    except FileExistsError:
        if not target.samefile(source):
            raise
    try:
        # It may have been moved by somebody else too: it is at two places then, and not lost.
        source.unlink(missing_ok=True)
    except OSError:
        target.unlink()
        raise


def _make_folders(root: Path, folder: PurePosixPath) -> None:
    """Raises OSError. Not the dataset itself: one that was deleted meanwhile does not come back."""
    path = root
    for depth, part in enumerate(folder.parts):
        path /= part
        path.mkdir(exist_ok=True)
        # A label's folder may be a link; what lies behind another one is not looked through.
        if path.is_symlink() and (depth or part.startswith(".")):
            raise _FailedError(f"{path} is a link")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is no longer there"
    return str(error) if isinstance(error, _FailedError) else error.strerror or str(error)
