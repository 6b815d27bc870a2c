"""What lists show of a finished run: a line made of its report."""

from __future__ import annotations

from dataclasses import dataclass

from core.sealed import unseal


@dataclass(frozen=True)
class Summary:
    """A finished run in a line: its labels, accuracies (0..1), and the test accuracy's 95 % interval by groups on
    `tested` photos."""

    labels: tuple[str, ...]
    model: str
    validation: float
    test: float
    interval: tuple[float, float]
    tested: int


def summary(text: str) -> Summary:
    """Of a report.json's text. Raises ValueError, TypeError or KeyError for one that is none."""
    report = unseal(text)
    test = report["test"]
    return Summary(
        labels=tuple(report["labels"]),
        model=report["model"],
        validation=report["val"]["accuracy"],
        test=test["accuracy"],
        interval=tuple(test["accuracy_grouped_interval"]),
        tested=test["n"],
    )
