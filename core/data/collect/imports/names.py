"""The path of a file that is imported: refused where it could lead elsewhere; its label, its person, and a name that a
file can have."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.data.collect import new_dataset
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label

Parts = tuple[str, ...]
NO_FILE = "a link, or no file at all"
_LONGEST = 1000
_DRIVE = re.compile(r"[A-Za-z]:")
_LEFTOVERS = {"__macosx", "thumbs.db", "desktop.ini"}
# Of a name that is cut, so that two long ones stay two.
_DIGITS = 8


class Refusal(ValueError):
    """A file is not imported; the message is the reason, fit for the user to read."""


def is_leftover(path: str) -> bool:
    """Whether it is what a Mac or Windows leaves among files, or hidden."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part.lower() in _LEFTOVERS for part in parts)


def parts_of(path: str) -> Parts:
    """The folders and the name in a path. Raises Refusal for one that could lead out of where it is unpacked, and for
    one that no camera or person made."""
    if len(path) > _LONGEST:
        raise Refusal(f"its path has more than {_LONGEST} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in path):
        raise Refusal("its path has control characters")
    if "\\" in path:
        raise Refusal("its path has backslashes: pack it with / between folders")
    if path.startswith("/") or _DRIVE.match(path):
        raise Refusal("its path is absolute")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts or not parts:
        raise Refusal("its path leads out of the folder")
    return parts


def placed(parts: Parts) -> tuple[Label | None, str]:
    """The label of the nearest folder that has one, and the person: the folder below it, or nothing.

    >>> placed(("photos", "with_mask", "anna", "1.jpg"))
    (<Label.MASK: 'mask'>, 'anna')
    """
    folders = parts[:-1]
    for place in reversed(range(len(folders))):
        if label := labels.from_folder(folders[place]):
            return label, "".join(folders[place + 1 : place + 2])
    return None, ""


def safe(name: str, most: int = new_dataset.MOST_NAME) -> str:
    """A name that a file or folder of a dataset can have, of at most that many characters and with its suffix; what
    can be kept as it is stays so.

    >>> safe("Anna B. (1).JPG")
    'Anna_B._1_.JPG'
    """
    whole = re.sub(r"\s+", "_", unicodedata.normalize("NFC", name).strip())
    plain = PurePosixPath("".join(_letters(whole)).lstrip(".") or "_")
    stem = plain.stem
    if len(plain.name) > most:
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
        suffix = plain.suffix if len(plain.suffix) <= _DIGITS else ""
        return _allowed(f"{stem[: most - len(suffix) - _DIGITS - 2]}-{digest}{suffix}")
    return _allowed(plain.name)


def _letters(name: Sequence[str]) -> Sequence[str]:
    """The name's letters, and one underscore for each run of others."""
    kept = [letter if letter.isalnum() or letter in "-_." else "_" for letter in name]
    return [letter for place, letter in enumerate(kept) if letter != "_" or place == 0 or kept[place - 1] != "_"]


def _allowed(name: str) -> str:
    try:
        return new_dataset.folder_name(name)
    except UserError:
        # As a device of Windows is called.
        return new_dataset.folder_name(f"_{name}")
