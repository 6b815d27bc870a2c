"""A stress suite in words and as a table, for pages and the terminal."""

from __future__ import annotations

from typing import Any

from core.data.disturb import KINDS, SEVERITIES
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.stress.score import Comparison, Summary, covers
from core.evaluation.stress.suite import Cell, Suite
from core.schema.labels import BARE
from core.text.numbers import percent, span

_UNITS = {True: f"recall of {BARE}", False: "balanced accuracy"}


def result(suite: Suite, summary: Summary) -> str:
    """The suite in three sentences: clean, stressed, and where it is weakest."""
    own, cell = summary.score["all"], suite.cell(summary.worst_kind, summary.worst_severity)
    return (
        f"On clean photos it has {percent(summary.clean.value)} balanced accuracy; under stress "
        f"{percent(own.value)} on average (95 % interval {_span(own)}). {_weakest(suite, summary, cell)}"
    )


def unseen(summary: Summary) -> str:
    """What is left of the average when kinds and severities that robust training shows are left out."""
    untrained, new = summary.score["untrained"], summary.score["new_kinds"]
    return (
        f"Over the kinds and severities that robust training never shows: {percent(untrained.value)} "
        f"({_span(untrained)}); over the kinds that it never shows: {percent(new.value)} ({_span(new)})."
    )


def covering() -> str:
    """What hides the mouth: "a sheet of paper, a hand, a scarf or a cup"."""
    *first, last = [f"a {kind.title.lower()}" for kind in KINDS.values() if kind.covers_mouth]
    return f"{', '.join(first)} or {last}" if first else last


def comparison(found: Comparison, a: str, b: str) -> str:
    """Whether one network stands stress better than another."""
    own = found.score["all"]
    verdict = f"{b} is {'better' if own.difference > 0 else 'worse'}" if own.shown else "no difference is shown"
    return (
        f"Under stress {a} has {percent(own.a)} and {b} {percent(own.b)} on the same {found.photos} photos, a "
        f"difference of {100 * own.difference:+.1f} points (95 % interval {100 * own.low:+.1f} to "
        f"{100 * own.high:+.1f}): {verdict}."
    )


def table(suite: Suite, summary: Summary) -> list[dict[str, Any]]:
    """A row per kind: what is counted, the mean (percent) with its interval, each severity (percent), and the
    photos."""
    rows: list[dict[str, Any]] = []
    for kind in suite.kinds:
        own, cells = summary.kinds[kind], [suite.measure(suite.cell(kind, severity)) for severity in SEVERITIES]
        rows.append(
            {"kind": KINDS[kind].title, "counts": _UNITS[covers(kind)], "mean": 100 * own.value,
             "low": 100 * own.low, "high": 100 * own.high}
            | {str(severity): 100 * cell.balanced_accuracy for severity, cell in zip(SEVERITIES, cells, strict=True)}
            | {"photos": cells[0].n}
        )  # fmt: skip
    return rows


def _weakest(suite: Suite, summary: Summary, cell: Cell) -> str:
    kind, own = KINDS[summary.worst_kind], suite.measure(cell)
    name = f"Weakest: {kind.title.lower()}, severity {summary.worst_severity} ({kind.step(summary.worst_severity)}): "
    if covers(summary.worst_kind):
        return (
            f"{name}of {own.n} bare faces {own.misses} would pass at the operating point and {own.n - own.misses} be "
            f"stopped. By the likeliest label, the recall of {BARE} is {percent(own.balanced_accuracy, 0)}."
        )
    return (
        f"{name}{percent(own.balanced_accuracy)} balanced accuracy; at the operating point {own.misses} of "
        f"{own.violators} who should be stopped would pass, and {own.false_alarms} of {own.compliant} who wear a mask "
        "well would be stopped."
    )


def _span(own: Estimate) -> str:
    return span((own.low, own.high))
