"""Small files written whole, and tables as CSV."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any


def write_whole(path: Path, text: str) -> None:
    """The whole file or none of it, and on the disk when this returns. Raises OSError, as on a full disk."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows by column; none of a file that can't be read."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except OSError:
        return []


def write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """A line of columns, and a line a row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
