"""The tables beside the photos that people may write as well, with a row about each file (decisions.csv, groups.csv):
read, written whole or not at all, and kept in step with files that get another name."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from core.schema.errors import UserError

Row = dict[str, str]
_THREADS = RLock()
_LOCK, _SECONDS = ".tables.lock", 30
_ABOUT = "file"


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Held by who changes a dataset's tables: no other thread or process, such as another server's, writes over its
    rows meanwhile. It may be entered again within. Raises UserError where the folder is gone or can't be written, and
    where others take too long."""
    if not root.is_dir():
        # The lock would make it anew.
        raise UserError(f"There is no folder {root} any more: choose another dataset.")
    with _THREADS:
        lock = FileLock(root / _LOCK, timeout=_SECONDS, is_singleton=True)
        try:
            taken = lock.acquire()
        except Timeout:
            raise UserError(f"Others are changing {root}: try again in a moment.") from None
        except OSError as error:
            raise UserError(
                f"{root} can't be written ({error.strerror}), so nothing was changed: free some space or make the "
                "folder writable, and try again."
            ) from None
        with taken:
            yield


def read(path: Path, columns: Sequence[str], needed: Collection[str]) -> tuple[list[str], list[tuple[int, Row]]]:
    """Columns, and rows with their line numbers; columns that someone added are kept when it is written again. Raises
    UserError for what is no table with the `needed` columns."""
    if not path.exists():
        return list(columns), []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, restkey="", restval="")
            found = list(table.fieldnames or ())
            rows = [(table.line_num, row) for row in table if row.get(_ABOUT)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a readable CSV file in UTF-8: {error}.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}): check its permissions.") from None
    if not set(found) >= set(needed):
        raise UserError(f"{path} must begin with a line that names the columns {', '.join(columns)}.")
    return [*found, *(name for name in columns if name not in found)], rows


def write(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write all of it; without rows the file is removed. Raises UserError, and the file then stays as it was."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
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
            "writable, and try again."
        ) from None


def copy_rows(path: Path, names: Mapping[str, str]) -> None:
    """What the table says of a file (a key), it says of that file's new name too. Raises UserError as read and write
    do."""
    with alone(path.parent):
        columns, rows = read(path, (_ABOUT,), (_ABOUT,))
        new = [row | {_ABOUT: names[file_of(row)]} for _, row in rows if file_of(row) in names]
        if new:
            replaced = {row[_ABOUT] for row in new}
            write(path, columns, [*(row for _, row in rows if file_of(row) not in replaced), *new])


def drop_rows(path: Path, files: Collection[str]) -> None:
    """The table says nothing of these files any more. Raises UserError as read and write do."""
    with alone(path.parent):
        columns, rows = read(path, (_ABOUT,), (_ABOUT,))
        kept = [row for _, row in rows if file_of(row) not in files]
        if len(kept) < len(rows):
            write(path, columns, kept)


def file_of(row: Row) -> str:
    """The file that a row is about, relative to the dataset with forward slashes."""
    # A file's name may hold a backslash where it is not what separates folders.
    return row[_ABOUT] if "/" in row[_ABOUT] else row[_ABOUT].replace("\\", "/")
