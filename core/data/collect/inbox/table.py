"""What was said of each face in an inbox: inbox.csv beside the photos. Its rows follow the faces into the dataset and
into the bin. It may be edited by hand, and several processes may write it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.data.dataset import hand_tables
from core.data.dataset.hand_tables import Row, file_of
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label

FILE = "inbox.csv"
_COLUMNS = ("file", "label", "guess", *Label, "network", "hash", "when", "photo")
_NEEDED = ("file", "label", "guess")


@dataclass(frozen=True)
class Note:
    """About a face: the `label` that a person gave it, None where nobody has; the network's `guess`, its calibrated
    `probabilities` and the `network` file's name; the perceptual `hash` as 16 hexadecimal digits, empty where it is
    unknown; `when` is the time in ISO 8601, for people to read; `photo` is the whole photo that it was cut out of, and
    where in it, also for people."""

    label: Label | None = None
    guess: Label | None = None
    probabilities: Mapping[Label, float] = field(default_factory=dict)
    network: str = ""
    hash: str = ""
    when: str = ""
    photo: str = ""


def read(root: Path) -> dict[str, Note]:
    """File (relative to the dataset, with forward slashes) -> what was said of it; of two rows about one file the later
    one. Raises UserError naming the line that can't be understood."""
    _, rows = hand_tables.read(root / FILE, _COLUMNS, _NEEDED)
    return {file_of(row): _note(row, f"{root / FILE}, line {line}") for line, row in rows}


def write(root: Path, file: str, note: Note) -> None:
    """Write what is said of a file, in place of what was said before. Raises UserError where the table can't be read or
    written, which then stays as it was."""
    with hand_tables.alone(root):
        columns, rows = hand_tables.read(root / FILE, _COLUMNS, _NEEDED)
        others = [row for _, row in rows if file_of(row) != file]
        hand_tables.write(root / FILE, columns, [*others, _row(file, note)])


def copy(root: Path, names: Mapping[str, str]) -> None:
    """What is said of a file (a key) is said of that file's new name too. Raises UserError."""
    hand_tables.copy_rows(root / FILE, names)


def drop(root: Path, files: Collection[str]) -> None:
    """Nothing is said of these files any more. Raises UserError."""
    hand_tables.drop_rows(root / FILE, files)


def _row(file: str, note: Note) -> Row:
    shares = {label: f"{share:.6f}" for label, share in note.probabilities.items()}
    return {
        "file": file, "label": note.label or "", "guess": note.guess or "", "network": note.network,
        "hash": note.hash, "when": note.when, "photo": note.photo,
    } | shares  # fmt: skip


def _note(row: Row, where: str) -> Note:
    said, guess = (_label(row, column, where) for column in ("label", "guess"))
    shares = {label: _share(row, label, where) for label in Label if (row.get(label) or "").strip()}
    own_hash = (row.get("hash") or "").strip().lower()
    if own_hash and (len(own_hash) != 16 or set(own_hash) - set("0123456789abcdef")):
        raise UserError(f"{where}: {own_hash!r} is no hash of 16 hexadecimal digits; leave it empty.")
    network, when, photo = (row.get(column) or "" for column in ("network", "when", "photo"))
    return Note(said, guess, shares, network, own_hash, when, photo)


def _label(row: Row, column: str, where: str) -> Label | None:
    text = row[column].strip()
    label = labels.from_folder(text) if text else None
    if text and label is None:
        raise UserError(f"{where}: {text!r} is no label; write {', '.join(Label)}, or leave it empty.")
    return label


def _share(row: Row, label: Label, where: str) -> float:
    try:
        share = float(row[label])
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise UserError(f"{where}: {row[label]!r} is no probability of {label}; write 0 to 1, or leave it empty.")
    return share
