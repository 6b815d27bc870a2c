"""Numbers by source as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from core.cli.terminal.console import plain
from core.evaluation.by_source.paired import BySource
from core.evaluation.wording import by_source_words
from core.schema.result import SourceResult
from core.text.tables import columns, markdown


def by_source(found: Sequence[SourceResult]) -> str:
    """A row a source, the worst first, and what to think of them."""
    rows = [by_source_words.head(found), *(by_source_words.row(one, found) for one in found)]
    table = columns([[*cells[:-1], f" {cells[-1]}"] for cells in rows])
    return plain("\n".join(["", table, "", by_source_words.sentence(found), by_source_words.notes(found)]))


def versus(found: BySource) -> str:
    """A row a source of two entries, and on which of them a difference is shown."""
    title = f"By source, {found.other} against {found.reference}"
    rows = [by_source_words.versus_row(one) for one in found.sources]
    table = markdown(by_source_words.versus_head(found), rows)
    return plain(f"{title}\n{by_source_words.versus_sentence(found)}\n{table}")
