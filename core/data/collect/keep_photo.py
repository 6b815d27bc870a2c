"""One photo written into a dataset, by several browsers at once too: whole or not at all, never over another one."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.data.collect import new_dataset
from core.schema.errors import UserError
from core.schema.labels import Label

DIGITS = 12
"""Of the digest of a photo's content, in its name where another photo has that name already."""


@dataclass(frozen=True)
class Kept:
    """`file` is relative to the dataset with forward slashes; `new` is False where it was there already, with the same
    content."""

    file: str
    new: bool


def keep(root: Path, label: Label, person: str, name: str, data: bytes) -> Kept:
    """Write `<label>/<person>/<name>`, on the disk when this returns; `person` may be empty. A name that another photo
    has is made another one by its content, so that the same photo sent twice is kept once.

    Raises UserError for names that can't be files' and where it can't be written: nothing is left of it then.
    """
    folder = new_dataset.label_folder(root, label)
    if person:
        folder = folder / new_dataset.folder_name(person)
    return keep_in(root, folder, name, data)


def keep_in(root: Path, folder: Path, name: str, data: bytes) -> Kept:
    """As `keep`, in a folder of the dataset that is at most two levels down."""
    wanted = new_dataset.folder_name(name)
    other = PurePosixPath(wanted)
    try:
        # Not its parents: a dataset that was deleted meanwhile does not come back.
        folder.parent.mkdir(exist_ok=True)
        folder.mkdir(exist_ok=True)
        for each in (wanted, f"{other.stem}-{digest(data)}{other.suffix}"):
            if new := _write(folder / each, data):
                return Kept(_inside(root, folder / each), True)
            if new is None:
                return Kept(_inside(root, folder / each), False)
    except OSError as error:
        raise UserError(
            f"{name} can't be kept in {folder} ({error.strerror}): make the folder writable, or free some space."
        ) from None
    raise UserError(f"{folder} holds another photo of the name {each} already: rename it.")


def digest(data: bytes) -> str:
    """What tells a photo's content from others', in its name."""
    return hashlib.sha256(data).hexdigest()[:DIGITS]


def _write(path: Path, data: bytes) -> bool | None:
    """Whether it was written: None where the same is there, False where something else is. Raises OSError."""
    # An import that is repeated finds most of its photos here.
    if path.exists():
        return _same(path, data)
    # Hidden from who looks through the folder, as long as it is not whole.
    draft = path.with_name(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename this never replaces what is there.
        os.link(draft, path)
        return True
    except FileExistsError:
        return _same(path, data)
    finally:
        draft.unlink(missing_ok=True)


def _same(path: Path, data: bytes) -> bool | None:
    return None if path.is_file() and path.read_bytes() == data else False


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
