"""CSV tables that are checked when they are read.

Of a table that is written whole, sums.json beside it holds the number of rows and a digest; of one that grows, each row
ends in its own checksum. What the last release wrote has neither, and is read where each of its rows is complete.
"""

from __future__ import annotations

import csv
import io
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.schema.errors import UserError
from core.store.files.atomic import write_whole
from core.store.files.checked_json import digest, seal, unseal

CHECK = "crc32"
_SUMS = "sums.json"


def text_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A line of columns, and a line per row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """The whole table or none of it. For one process at a time in a folder. Raises OSError."""
    text = text_of(columns, rows)
    try:
        sums = _sums(path)
    except UserError:
        sums = {}
    # The table before it stays known until this one is there: killed in between, either is whole.
    before = sums.get(path.name, [])[:1]
    sums[path.name] = [{"rows": len(rows), "digest": digest(text.encode())}, *before]
    write_whole(path.with_name(_SUMS), seal(sums, indent=1))
    write_whole(path, text)


def read_table(path: Path) -> list[dict[str, str]]:
    """Its rows by column, none of a table that was never written. Raises UserError for one that is not what was
    written."""
    known = _sums(path).get(path.name, [])
    try:
        data = path.read_bytes()
        rows = _parsed(data.decode())
    except FileNotFoundError:
        if known:
            raise _damaged(path, f"it had {known[0]['rows']} rows and is gone") from None
        return []
    except OSError as error:
        raise _damaged(path, error.strerror or "") from None
    except (ValueError, csv.Error):
        raise _damaged(path, f"it had {known[0]['rows']} rows" if known else "its end is missing") from None
    if known and {"rows": len(rows), "digest": digest(data)} not in known:
        raise _damaged(path, f"it had {known[0]['rows']} rows and has {len(rows)}, or other ones")
    return rows


def growing(columns: Sequence[str], rows: Iterable[Mapping[str, float]]) -> str:
    """The text of a table of numbers that will grow: its last column is CHECK."""
    lines = [",".join(str(row[name]) for name in columns) for row in rows]
    return ",".join((*columns, CHECK)) + "\n" + "".join(f"{line},{_check(line)}\n" for line in lines)


def append_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, float]]) -> None:
    """Append to a table that grows; on the disk when this returns. Raises OSError."""
    text = growing(columns, rows)
    with path.open("a", newline="", encoding="utf-8") as file:
        file.write(text if file.tell() == 0 else text.partition("\n")[2])
        file.flush()
        os.fsync(file.fileno())


def intact(line: str) -> bool:
    """Whether a row of a table that grows, without its newline, is what was written."""
    own, _, told = line.rpartition(",")
    return told == _check(own)


def _check(line: str) -> str:
    return str(zlib.crc32(line.encode()))


def _parsed(text: str) -> list[dict[str, str]]:
    """Raises ValueError for a text that does not end where a row does, or with a row that is not complete."""
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    if not text.endswith("\n"):
        raise ValueError("the last row has no end")
    return [dict(zip(header, line, strict=True)) for line in lines]


def _sums(path: Path) -> dict[str, Any]:
    try:
        return unseal(path.with_name(_SUMS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise _damaged(path.with_name(_SUMS), "it tells whether the tables beside it are whole") from None


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path.name} of {path.parent.name} is damaged ({why}): put a copy of it back, or delete the run and train it "
        "again."
    )
