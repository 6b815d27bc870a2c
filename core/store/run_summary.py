"""What lists show of a finished run: a line made of its report."""

from __future__ import annotations

from dataclasses import dataclass

from core.schema import run_report
from core.store.files.checked_json import unseal


@dataclass(frozen=True)
class Summary:
    """A finished run in a line: its labels, accuracies (0..1), and the test accuracy's 95 % interval by groups on
    `tested` photos; the id of the `version` of the photos that it was given, "" where that is not known."""

    labels: tuple[str, ...]
    model: str
    validation: float
    test: float
    interval: tuple[float, float]
    tested: int
    version: str


def summary(text: str) -> Summary:
    """Of a report.json's text. Raises ValueError for one that is none."""
    report = run_report.parse(unseal(text))
    return Summary(
        labels=report.labels,
        model=report.model,
        validation=report.val.accuracy,
        test=report.test.accuracy,
        interval=report.test.accuracy_grouped_interval,
        tested=report.test.n,
        version=report.version.id if report.version else "",
    )
