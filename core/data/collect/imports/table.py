"""A CSV with a line per photo or box: file, and any of label, person (or group), source, and x, y, width and height in
pixels."""

from __future__ import annotations

import csv
import io

from core.data.collect.imports.marks import Box, Entry, Marks
from core.data.collect.imports.names import Parts, Refusal

_SAYS = {"label", "person", "group", "source"}
_BOX = ("x", "y", "width", "height")


def entries(text: str, folder: Parts) -> list[Entry]:
    """What the table, which lies in `folder`, says of each file; nothing where it is no such table. Raises Refusal
    where it is one that can't be understood."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = {name.strip().lower(): name for name in rows.fieldnames or () if name}
        # decisions.csv has them too, and takes photos out.
        if "file" not in columns or not _SAYS & columns.keys() or "decision" in columns:
            return []
        found = [_entry({name: row[own] or "" for name, own in columns.items()}, folder, rows.line_num) for row in rows]
    except csv.Error as error:
        raise Refusal(f"not a readable CSV file: {error}") from None
    return [entry for entry in found if entry.file]


def _entry(row: dict[str, str], folder: Parts, line: int) -> Entry:
    file = tuple(part for part in row["file"].strip().replace("\\", "/").split("/") if part not in ("", "."))
    said = {name: row.get(name, "").strip() for name in ("label", "person", "group", "source")}
    marks = Marks(label=said["label"], person=said["person"] or said["group"], source=said["source"])
    edges = [row.get(name, "").strip() for name in _BOX]
    if any(edges):
        try:
            x, y, width, height = map(float, edges)
            # A box has the label, so that another one of this photo may have another.
            marks.boxes, marks.label = [Box(marks.label, x, y, width, height)], ""
        except ValueError:
            marks.refusal = f"x, y, width and height in line {line} of its table are not four numbers"
    return Entry(folder, file, marks)
