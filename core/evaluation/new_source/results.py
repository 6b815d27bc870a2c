"""How well settings do on photos of a source that training never saw: finished runs that leave one source out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from core.schema.errors import UserError
from core.schema.result import Result
from core.schema.train_config import TrainConfig
from core.store import runs
from core.store.runs import Run, finished_report
from core.store.sweeps import Sweep

# What tells these runs from each other, and from the ordinary ones of the same settings.
_BESIDE = {"held_out_source", "folds", "fold", "seed"}


@dataclass(frozen=True)
class Tested:
    """A run that was trained without the photos of `source`, and its numbers on all of them."""

    source: str
    run: Run
    test: Result

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        own = self.test.operating
        return {
            "source": self.source, "run": self.run.id, "photos": self.test.n, "groups": self.test.groups,
            "labels": {str(label): one.n for label, one in self.test.per_class.items()},
            "accuracy": self.test.accuracy, "interval": self.test.accuracy_grouped_interval,
            "balanced_accuracy": self.test.balanced_accuracy, "misses": own.misses, "violators": own.violators,
            "false_alarms": own.false_alarms, "compliant": own.compliant,
        }  # fmt: skip


@dataclass(frozen=True)
class NewSource:
    """Runs that differ in the source they leave out alone, the worst first; `ordinary` is a run with the same settings
    that leaves none out, with its test result, where there is one."""

    tested: tuple[Tested, ...]
    ordinary: tuple[Run, Result] | None

    @property
    def mean(self) -> float:
        """The mean of the sources' accuracies (0..1): each counts alike, however many photos it has."""
        return fmean(one.test.accuracy for one in self.tested)

    @property
    def worst(self) -> Tested:
        return self.tested[0]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "mean": self.mean, "worst": self.worst.test.accuracy, "worst_source": self.worst.source,
            "ordinary": self.ordinary[1].accuracy if self.ordinary else None,
            "sources": [one.as_dict() for one in self.tested],
        }  # fmt: skip


def of_sweep(sweep: Sweep) -> NewSource | None:
    """Of a sweep's finished rows; None where none has finished. Raises UserError for a damaged report."""
    done = [standing.trained for standing in sweep.standings() if standing.status == "finished"]
    return _gathered(done, _alike(sweep.rows[0].config, len(set(sweep.rows[0].config.labels)))) if done else None


def like(run: Run) -> NewSource | None:
    """Of all finished runs with this finished run's settings, whatever their seed; None where none of them leaves a
    source out. Of two runs that leave out the same source, the newer one counts."""
    report = run.report()
    if report is None:
        return None
    found = _alike(run.config, len(report.labels))
    return _gathered(found, [run, *found])


def _gathered(apart: Iterable[Run], alike: Sequence[Run]) -> NewSource | None:
    newest: dict[str, Run] = {}
    for run in sorted(apart, key=lambda one: one.id, reverse=True):
        if source := run.config.held_out_source:
            newest.setdefault(source, run)
    if not newest:
        return None
    tested = [Tested(source, run, finished_report(run).test) for source, run in newest.items()]
    tested.sort(key=lambda one: (one.test.accuracy, one.source))
    whole = next((run for run in alike if not (run.config.held_out_source or run.config.folds)), None)
    return NewSource(tuple(tested), (whole, finished_report(whole).test) if whole else None)


def _alike(config: TrainConfig, classes: int) -> list[Run]:
    """Finished runs with these settings, newest first, those of the same seed before others."""
    found = []
    for run in runs.every():
        # A damaged run is no example of anything; its own page says so.
        with suppress(UserError):
            own = run.summary()
            if own and len(own.labels) == classes and _settings(run.config) == _settings(config):
                found.append(run)
    return sorted(found, key=lambda run: run.config.seed != config.seed)


def _settings(config: TrainConfig) -> dict[str, Any]:
    return config.model_dump(exclude=_BESIDE)
