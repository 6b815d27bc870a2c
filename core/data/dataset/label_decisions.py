"""What was decided by hand about labels: decisions.csv beside the photos. No photo is ever moved or changed."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PureWindowsPath
from threading import Lock
from typing import Literal, get_args

from core.schema import labels
from core.schema.errors import UserError
from core.schema.labels import Label

FILE = "decisions.csv"
Choice = Literal["keep", "relabel", "exclude"]
_CHOICES: dict[str, Choice] = {choice: choice for choice in get_args(Choice)}
_COLUMNS = ("file", "decision", "label", "was", "when")
_NEEDED = {"file", "decision", "label"}
# Two open pages must not write over each other's decisions.
_WRITING = Lock()


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


def read(root: Path) -> dict[str, Decision]:
    """Decisions by file, the oldest first; of two about one file the later one. Those about files that are no longer
    there are among them. Raises UserError naming the line that can't be understood."""
    _, rows = _read(root / FILE)
    found: dict[str, Decision] = {}
    for line, row in rows:
        decision = _decision(row, f"{root / FILE}, line {line}")
        found.pop(decision.file, None)
        found[decision.file] = decision
    return found


def decide(root: Path, file: str, choice: Choice, label: Label | None = None) -> None:
    """Write a decision; it replaces an earlier one about the same file. Raises UserError for a file that is not in the
    dataset and when decisions.csv can't be read or written, which then stays as it was."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    row = {"file": file, "decision": choice, "label": label or "", "when": now}
    decision = _decision(row, file)
    if not (root / file).is_file():
        raise UserError(f"There is no photo {file} in {root}: it was moved or deleted; search again.")
    with _WRITING:
        read(root)
        columns, rows = _read(root / FILE)
        others = [old for _, old in rows if _name(old) != file]
        _write(root / FILE, columns, [*others, row | {"was": decision.was or ""}])


def undo(root: Path, file: str | None = None) -> None:
    """Take back the decision about this file, or the last one; nothing happens where there is none. Without any
    decision left, decisions.csv is removed. Raises UserError as `decide` does."""
    with _WRITING:
        decided = list(read(root))
        columns, rows = _read(root / FILE)
        gone = file if file is not None else next(reversed(decided), None)
        if gone in decided:
            _write(root / FILE, columns, [old for _, old in rows if _name(old) != gone])


def _decision(row: dict[str, str], where: str) -> Decision:
    file, choice = _name(row), _CHOICES.get(row["decision"].strip().lower())
    if PureWindowsPath(file).anchor or ".." in file.split("/"):
        raise UserError(f"{where}: {file} is not inside the dataset; write it as mask/photo.jpg, or remove the line.")
    if choice is None:
        raise UserError(f"{where}: {row['decision']!r} is no decision; write keep, relabel or exclude.")
    label = labels.from_folder(row["label"]) if choice == "relabel" else None
    if choice == "relabel" and label is None:
        raise UserError(f"{where}: {row['label']!r} is no label; relabel to {', '.join(Label)}, or remove the line.")
    return Decision(file, choice, label, row.get("when") or "")


def _name(row: dict[str, str]) -> str:
    # A file's name may hold a backslash where it is not what separates folders.
    return row["file"] if "/" in row["file"] else row["file"].replace("\\", "/")


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Columns, and rows with their line numbers; columns that someone added are kept when it is written again."""
    if not path.exists():
        return list(_COLUMNS), []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, restkey="", restval="")
            columns = list(table.fieldnames or ())
            rows = [(table.line_num, row) for row in table if row.get("file")]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a readable CSV file in UTF-8: {error}.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}): check its permissions.") from None
    if not set(columns) >= _NEEDED:
        raise UserError(f"{path} must begin with a line that names the columns {', '.join(_COLUMNS)}.")
    return [*columns, *(name for name in _COLUMNS if name not in columns)], rows


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    draft = path.with_name(f".{FILE}.{os.getpid()}.tmp")
    try:
        if not rows:
            path.unlink(missing_ok=True)
            return
        try:
            with draft.open("w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
                table.writeheader()
                table.writerows(rows)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} can't be written ({error.strerror}), so nothing was changed: free some space or make the folder "
            "writable, and decide again."
        ) from None
