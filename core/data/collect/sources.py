"""Where each photo came from (a camera, a site, a web set): sources.csv beside the photos, with the columns file and
source. It may be written by hand; a photo that it does not name is of an unknown source."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.dataset import hand_tables
from core.schema.errors import UserError

if TYPE_CHECKING:
    from core.data.dataset.scan import Scan

FILE = "sources.csv"
UNKNOWN = "unknown"
"""The source of the photos that sources.csv does not name, where photos are told apart by source."""
MOST_NAME = 60
"""Letters of a source that is typed on a page."""
_COLUMNS = ("file", "source")


def read(root: Path) -> dict[str, str]:
    """File (relative to the dataset, with forward slashes) -> source; of two lines about one file the later one, which
    may also take the source back. A last line that was cut off is passed over. Raises UserError for a table that can't
    be understood."""
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a readable CSV file in UTF-8.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read ({error.strerror}): check its permissions.") from None
    table = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
    if not set(_COLUMNS) <= set(table.fieldnames or ()):
        raise UserError(f"{path} must begin with a line that names the columns {' and '.join(_COLUMNS)}.")
    try:
        known = {row["file"].replace("\\", "/"): (row["source"] or "").strip() for row in table if row["file"]}
    except csv.Error as error:
        raise UserError(f"{path} is not a readable CSV file: {error}.") from None
    return {file: source for file, source in known.items() if source}


def of_photos(scan: Scan) -> dict[str, str]:
    """File -> source of every usable photo. Raises UserError as `read` does."""
    known = read(scan.root) if scan.told_sources is None else scan.told_sources
    return {photo.file: known.get(photo.file, UNKNOWN) for photo in scan.photos}


def note(root: Path, found: Mapping[str, str]) -> None:
    """Add file -> source for some photos; on the disk when this returns. Raises UserError where it can't be
    written."""
    if not found:
        return
    path = root / FILE
    try:
        with hand_tables.alone(root), path.open("a+", newline="", encoding="utf-8") as table:
            rows = csv.writer(table, lineterminator="\n")
            if path.stat().st_size == 0:
                rows.writerow(_COLUMNS)
            elif not _ends_whole(path):
                table.write("\n")
            rows.writerows(found.items())
            table.flush()
            os.fsync(table.fileno())
    except OSError as error:
        raise UserError(
            f"{path} can't be written ({error.strerror}): make it writable, or free some space."
        ) from None


def drop(root: Path, files: Collection[str]) -> None:
    """Take files out of the table. Raises UserError where it can't be read or written."""
    hand_tables.drop_rows(root / FILE, files)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
