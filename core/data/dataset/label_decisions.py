"""What was decided by hand about labels: decisions.csv beside the photos. No photo is ever moved or changed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Literal, get_args

from core.data.dataset import hand_tables
from core.data.dataset.hand_tables import Row, file_of
from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label

FILE = "decisions.csv"
Choice = Literal["keep", "relabel", "exclude"]
_CHOICES: dict[str, Choice] = {choice: choice for choice in get_args(Choice)}
_COLUMNS = ("file", "decision", "label", "was", "when")
_NEEDED = {"file", "decision", "label"}


@dataclass(frozen=True)
class Decision:
    """About a photo (`file` is relative to the dataset, with forward slashes): `label` is the new one of a relabelled
    photo, else None; `when` is the time it was made, for people to read."""

    file: str
    choice: Choice
    label: Label | None = None
    when: str = ""

    @property
    def was(self) -> Label | None:
        """The label of the photo's folder; None where the folder is no label's."""
        return labels.from_folder(self.file.split("/")[0])


@dataclass(frozen=True)
class Change:
    """What `decide_many` did, for `take_back`: the rows that it wrote, those whose place they took, and the files that
    were not there."""

    made: tuple[Row, ...]
    before: tuple[Row, ...]
    missing: tuple[str, ...]


def read(root: Path) -> dict[str, Decision]:
    """Decisions by file, the oldest first; of two about one file the later one. Those about files that are no longer
    there are among them, those about files in hidden folders are not. Raises UserError naming the line that can't be
    understood."""
    _, rows = _table(root)
    found: dict[str, Decision] = {}
    for line, row in rows:
        decision = _decision(row, f"{root / FILE}, line {line}")
        found.pop(decision.file, None)
        if not decision.file.startswith("."):
            found[decision.file] = decision
    return found


def decide(root: Path, file: str, choice: Choice, label: Label | None = None) -> None:
    """Write a decision; it replaces an earlier one about the same file. Raises UserError for a file that is not in the
    dataset and when decisions.csv can't be read or written, which then stays as it was."""
    if decide_many(root, [Decision(file, choice, label)]).missing:
        raise UserError(f"There is no photo {file} in {root}: it was moved or deleted; search again.")


def decide_many(root: Path, wanted: Sequence[Decision]) -> Change:
    """Write decisions at once, all or none, but for those about files that are not there; each replaces an earlier one
    about its file. Raises UserError as `decide` does, but not for missing files."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    rows = [
        {"file": one.file, "decision": one.choice, "label": one.label or "", "was": one.was or "", "when": now}
        for one in wanted
    ]
    for row in rows:
        _decision(row, row["file"])
    with hand_tables.alone(root):
        read(root)
        there = {row["file"]: row for row in rows if (root / row["file"]).is_file()}
        columns, known = _table(root)
        before = [old for _, old in known if file_of(old) in there]
        others = [old for _, old in known if file_of(old) not in there]
        if there:
            hand_tables.write(root / FILE, columns, [*others, *there.values()])
    missing = (row["file"] for row in rows if row["file"] not in there)
    return Change(tuple(there.values()), tuple(before), tuple(missing))


def take_back(root: Path, change: Change) -> int:
    """Put back what was decided before a change, and return for how many photos; what was decided anew since then stays
    as it is. Raises UserError as `decide` does."""
    with hand_tables.alone(root):
        read(root)
        columns, rows = _table(root)
        last = {file_of(row): row for _, row in rows}
        gone = {row["file"] for row in change.made if _is_same(last.get(row["file"]), row)}
        if gone:
            kept = [row for _, row in rows if file_of(row) not in gone]
            kept += [row for row in change.before if file_of(row) in gone]
            hand_tables.write(root / FILE, columns, kept)
    return len(gone)


def undo(root: Path, file: str | None = None) -> None:
    """Take back the decision about this file, or the last one; nothing happens where there is none. Without any
    decision left, decisions.csv is removed. Raises UserError as `decide` does."""
    with hand_tables.alone(root):
        decided = list(read(root))
        columns, rows = _table(root)
        gone = file if file is not None else next(reversed(decided), None)
        if gone in decided:
            hand_tables.write(root / FILE, columns, [old for _, old in rows if file_of(old) != gone])


def _table(root: Path) -> tuple[list[str], list[tuple[int, Row]]]:
    return hand_tables.read(root / FILE, _COLUMNS, _NEEDED)


def _decision(row: Row, where: str) -> Decision:
    file, choice = file_of(row), _CHOICES.get(row["decision"].strip().lower())
    if PureWindowsPath(file).anchor or ".." in file.split("/"):
        raise UserError(f"{where}: {file} is not inside the dataset; write it as mask/photo.jpg, or remove the line.")
    if choice is None:
        raise UserError(f"{where}: {row['decision']!r} is no decision; write keep, relabel or exclude.")
    label = labels.from_folder(row["label"]) if choice == "relabel" else None
    if choice == "relabel" and label is None:
        raise UserError(f"{where}: {row['label']!r} is no label; relabel to {', '.join(Label)}, or remove the line.")
    return Decision(file, choice, label, row.get("when") or "")


def _is_same(row: Row | None, made: Row) -> bool:
    return row is not None and all(row.get(column) == made[column] for column in _COLUMNS)
