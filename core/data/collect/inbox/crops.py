"""Faces kept in a dataset's inbox, a hidden folder in it that no scan looks through: one folder per group (a person who
was followed, a source photo), which stays together when they are accepted."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from PIL import Image

from core.data.collect import keep_photo, move_photos, new_dataset, photo_bin, sources
from core.data.collect.inbox import table
from core.data.collect.inbox.table import Note
from core.data.collect.move_photos import Moved
from core.data.dataset import hand_tables, inspect_file
from core.schema.errors import UserError
from core.schema.labels import Label

FOLDER = ".inbox"


@dataclass(frozen=True)
class Crop:
    """A face in an inbox: its file, relative to the dataset with forward slashes, what was said of it, and where it
    came from ("" where that is unknown)."""

    file: str
    note: Note
    source: str

    @property
    def group(self) -> str:
        """The photos that stay in one part of the split with it."""
        return self.file.split("/")[1]


def keep(root: Path, data: bytes, group: str, source: str, note: Note) -> str:
    """Write a face (a JPEG) into the inbox, on the disk when this returns, and return its file. The same face that
    comes twice is kept once, with what was said of it last.

    Raises UserError for a group that can't be a folder's name, and where the face or the table can't be written: the
    face is not kept then.
    """
    folder = root / FOLDER / new_dataset.folder_name(group)
    if folder.is_symlink() or folder.parent.is_symlink():
        raise UserError(f"{folder} is a link: nothing is kept there. Put a folder in its place.")
    with Image.open(io.BytesIO(data)) as image:
        said = replace(note, hash=inspect_file.phash(image), when=datetime.now().astimezone().isoformat("T", "seconds"))
    with hand_tables.alone(root):
        table.read(root)
        kept = keep_photo.keep_in(root, folder, f"{keep_photo.digest(data)}.jpg", data)
        try:
            table.write(root, kept.file, said)
            sources.note(root, {kept.file: source})
        except UserError:
            if kept.new:
                (root / kept.file).unlink(missing_ok=True)
            raise
    return kept.file


def read(root: Path) -> list[Crop]:
    """The faces in an inbox, by name. Raises UserError where the table beside them can't be understood; they are left
    where they are."""
    files = content(root)
    if not files:
        return []
    said, known = table.read(root), sources.read(root)
    return [Crop(file, said.get(file, Note()), known.get(file, "")) for file in files]


def content(root: Path) -> list[str]:
    """The files in an inbox, relative to the dataset with forward slashes; none of an inbox that is a link."""
    top = root / FOLDER
    if top.is_symlink():
        return []
    # Also what somebody put there by hand, if it lies in a group's folder.
    found = (
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(top) for name in names if not name.startswith(".")
    )  # fmt: skip
    return sorted(file for file in found if file.count("/") == 2 and inspect_file.is_text(file))


def accept(root: Path, wanted: Mapping[str, Label]) -> Moved:
    """Move faces (files of the inbox) into the dataset: into the folder of their group below that of their label.
    Raises UserError as move_photos.move does, and for a folder that is no dataset."""
    folders = {label: new_dataset.label_folder(root, label).name for label in set(wanted.values())}
    places = {}
    for file, label in wanted.items():
        _, group, name = PurePosixPath(file).parts
        places[file] = f"{folders[label]}/{group}/{name}"
    return _moved(root, move_photos.move(root, places))


def dismiss(root: Path, files: Iterable[str]) -> Moved:
    """Move faces to the bin. Raises UserError as move_photos.move does."""
    return _moved(root, photo_bin.throw(root, files))


def _moved(root: Path, done: Moved) -> Moved:
    """Takes the folders away that are empty now."""
    with hand_tables.alone(root):
        for folder in {(root / file).parent for file in done.names}:
            with contextlib.suppress(OSError):
                folder.rmdir()
    return done
