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
    """One entry. `points` are quantity -> a share (0..1) each run,
    None where it had no photo for it; `interval` is the test accuracy's 95 % interval by
    group, of a run alone; `tested` are test photos over all runs; `under_stress` the stress scores of the runs that
    have one."""

    entry: Entry
    models: tuple[str, ...]
    points: dict[str, tuple[float | None, ...]]
    interval: tuple[float, float] | None
    tested: int
    under_stress: tuple[float, ...]

    def mean(self, quantity: str) -> float | None:
        """None where no run had a photo for it."""
        known = self.known(quantity)
        return fmean(known) if known else None

    def deviation(self, quantity: str) -> float | None:
        """The standard deviation over the repeats; None of a run alone."""
        values = self.known(quantity)
        return stdev(values) if len(values) > 1 else None

    def known(self, quantity: str) -> list[float]:
        """The shares of the runs that had photos for it."""
        return [share for share in self.points[quantity] if share is not None]

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
    return [_row(*each) for each in zip(entries, under_stress.scores(entries), strict=True)]


def _row(entry: Entry, stressed: tuple[float, ...]) -> Row:
    reports = [finished_report(run) for run in entry.runs]
    points = [_quantities(report) for report in reports]
    alone = reports[0].test.accuracy_grouped_interval if len(reports) == 1 else None
    return Row(
        entry=entry,
        models=tuple(report.model for report in reports),
        points={name: tuple(own[name] for own in points) for name in QUANTITIES},
        interval=alone,
        tested=sum(report.test.n for report in reports),
        under_stress=stressed,
    )


def _quantities(report: RunReport) -> dict[str, float | None]:
    # A source that was held out may lack a label, so that nobody can be missed or stopped wrongly.
    test, point = report.test, report.test.operating
    return {
        "training": report.train_accuracy,
        "validation": report.val.accuracy,
        "test": test.accuracy,
        "balanced": test.balanced_accuracy,
        "miss_rate": point.miss_rate,
        "false_alarm_rate": point.false_alarm_rate,
    }
