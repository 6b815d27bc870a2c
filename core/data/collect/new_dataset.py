"""A new dataset: a folder with one empty sub-folder per label, in the layout that is made by hand as well."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from core.data.dataset import label_folders
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label
from core.store import paths

MOST_NAME = 60
# What Windows reserves, with or without a suffix.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def make(name: str, labels: Sequence[Label]) -> Path:
    """Make a dataset's folder below paths.datasets_dir() and return it. Raises UserError for a name that can't be a
    folder's, one that is taken, labels that are no dataset's, and where the folder can't be made."""
    if not set(TWO_CLASSES) <= set(labels):
        raise UserError(f"A dataset needs at least the labels {' and '.join(TWO_CLASSES)}.")
    folder = paths.datasets_dir() / folder_name(name)
    if folder.exists():
        raise UserError(f"There is a folder {folder.name} in {folder.parent} already: choose another name.")
    try:
        for label in labels:
            (folder / label).mkdir(parents=True)
    except OSError as error:
        raise UserError(
            f"{folder} can't be made ({error.strerror}): make {folder.parent} writable, or free some space."
        ) from None
    return folder


def folder_name(typed: str) -> str:
    """A typed name of a dataset or a person as a folder is called: spaces become underscores. Raises UserError for an
    empty one, one of more than MOST_NAME characters, and one with other characters than letters, digits, - _ and .

    >>> folder_name("  Anna B. ")
    'Anna_B.'
    """
    name = re.sub(r"\s+", "_", unicodedata.normalize("NFC", typed).strip())
    if not name:
        raise UserError("Give it a name.")
    if len(name) > MOST_NAME:
        raise UserError(f"The name {name[:MOST_NAME]}… is too long: at most {MOST_NAME} characters.")
    odd = sorted({letter for letter in name if not (letter.isalnum() or letter in "-_.")})
    if odd or name.startswith(".") or _RESERVED.fullmatch(name):
        raise UserError(f"{name} can't be a folder's name: use letters, digits, - and _, and begin with one of them.")
    return name


def label_folder(root: Path, label: Label) -> Path:
    """The folder of a label's photos in a dataset, which may be called otherwise than the label; not made if it is
    missing. Raises UserError for a folder that is no dataset."""
    return next((folder for own, folder in label_folders.label_folders(root) if own == label), root / label)
