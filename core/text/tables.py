"""Tables as text: Markdown, which also reads well on a terminal, and columns without lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, a line a row.

    >>> print(markdown(["label", "n"], [["mask", "20"]]))
    | label | n |
    |---|---|
    | mask | 20 |
    """
    return "\n".join([markdown_head(head), *map(markdown_row, rows)])


def markdown_head(head: Sequence[str]) -> str:
    """The two lines that a table begins with, where its rows come later."""
    return f"{markdown_row(head)}\n|{'---|' * len(head)}"


def markdown_row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def columns(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Cells under each other, two spaces apart: the first `left` columns begin at one place, the others end at one.

    >>> print(columns([["label", "n"], ["mask", "20"]]))
    label   n
    mask   20
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    )
    return "\n".join("  ".join(cells).rstrip() for cells in lines)
