"""Entries side by side: what report A's table shows of each run, and the mean and spread of repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from core.evaluation.compare import under_stress
from core.evaluation.compare.repeats import Entry
from core.schema.run_report import RunReport
from core.store.runs import finished_report

# What the table holds of each run, as shares (0..1), in its order.
QUANTITIES = ("training", "validation", "test", "balanced", "miss_rate", "false_alarm_rate")


@dataclass(frozen=True)
class Row:
    """One entry. `points` are quantity -> a share (0..1) each run; `interval` is the test accuracy's 95 % interval by
    group, of a run alone; `tested` are test photos over all runs; `under_stress` the stress scores of the runs that
    have one."""

    entry: Entry
    models: tuple[str, ...]
    points: dict[str, tuple[float, ...]]
    interval: tuple[float, float] | None
    tested: int
    under_stress: tuple[float, ...]

    def mean(self, quantity: str) -> float:
        return fmean(self.points[quantity])

    def deviation(self, quantity: str) -> float | None:
        """The standard deviation over the repeats; None of a run alone."""
        values = self.points[quantity]
        return stdev(values) if len(values) > 1 else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "entry": self.entry.letter,
            "name": self.entry.name,
            "runs": [run.id for run in self.entry.runs],
            "models": list(self.models),
            "test_interval": self.interval,
            "tested": self.tested,
            "under_stress": list(self.under_stress),
            **{
                name: {"mean": self.mean(name), "deviation": self.deviation(name), "runs": list(values)}
                for name, values in self.points.items()
            },
        }


def table(entries: Sequence[Entry]) -> list[Row]:
    """A row an entry."""
    return [_row(entry) for entry in entries]


def _row(entry: Entry) -> Row:
    reports = [finished_report(run) for run in entry.runs]
    points = [_quantities(report) for report in reports]
    alone = reports[0].test.accuracy_grouped_interval if len(reports) == 1 else None
    return Row(
        entry=entry,
        models=tuple(report.model for report in reports),
        points={name: tuple(own[name] for own in points) for name in QUANTITIES},
        interval=alone,
        tested=sum(report.test.n for report in reports),
        under_stress=under_stress.scores(entry),
    )


def _quantities(report: RunReport) -> dict[str, float]:
    test, point = report.test, report.test.operating
    # A run is refused where its test photos would lack a label.
    assert point.miss_rate is not None and point.false_alarm_rate is not None
    return {
        "training": report.train_accuracy,
        "validation": report.val.accuracy,
        "test": test.accuracy,
        "balanced": test.balanced_accuracy,
        "miss_rate": point.miss_rate,
        "false_alarm_rate": point.false_alarm_rate,
    }
