"""The numbers of an evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cli.console import interval, percent


def measures(report: dict[str, Any]) -> str:
    """A summary (see core.evaluation.metrics.summarise, with "left_out") as a table and a few lines."""
    header = ["true \\ predicted", *report["classes"], "n", "recall", "precision", "F1"]
    rows = [
        [name, *map(str, counts), str(own["n"]), *(percent(own[key]) for key in ("recall", "precision", "f1"))]
        for name, counts in zip(report["classes"], report["confusion"], strict=True)
        for own in [report["per_class"][name]]
    ]
    return "\n".join(
        [
            _columns([header, *rows]),
            "",
            f"photos             {report['n']}",
            f"accuracy           {percent(report['accuracy'])} (95 % interval {interval(report['accuracy_interval'])})",
            f"balanced accuracy  {percent(report['balanced_accuracy'])}",
            *(_left_out(label, called) for label, called in report["left_out"].items()),
        ]
    )


def _left_out(label: str, called: dict[str, int]) -> str:
    words = ", ".join(f"{name} {count}" for name, count in called.items())
    return f"left out           {sum(called.values())} {label} photos, which the model does not know; it says: {words}"


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ([cell.rjust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join([row[0].strip().ljust(widths[0]), *row[1:]]) for row in lines)
