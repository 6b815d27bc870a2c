"""Finished trainings as the terminal shows them: rows of report A's table, and where the network and the run are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from core.cli.terminal.console import interval, percent
from core.schema.run_report import RunReport
from core.store import paths
from core.store.runs import Run, finished_report
from core.text.tables import markdown_head, markdown_row

HEAD = markdown_head(["model", "training acc.", "validation acc.", "test acc."])


def row(run: Run, name: str = "") -> str:
    """The run's line of the table; `name` comes before its network's."""
    model = _model(finished_report(run)).stem
    return markdown_row([f"{name}: {model}" if name else model, *map(percent, _accuracies(run))])


def mean_row(runs: Sequence[Run], name: str = "") -> str:
    """The mean and the standard deviation of several runs."""
    columns = zip(*map(_accuracies, runs), strict=True)
    cells = [f"{100 * mean(own):.2f} ± {percent(stdev(own))}" for own in columns]
    words = "mean ± standard deviation"
    return markdown_row([f"{name}: {words}" if name else words, *cells])


def test_line(run: Run) -> str:
    """The test result with its interval by group."""
    test = finished_report(run).test
    return (
        f"Test: {test.n} photos in {test.groups} groups, accuracy {percent(test.accuracy)} "
        f"(95 % interval {interval(test.accuracy_grouped_interval)}), "
        f"balanced accuracy {percent(test.balanced_accuracy)}"
    )


def print_paths(run: Run) -> None:
    """The lines `model PATH` and `run PATH`."""
    print(f"model {_model(finished_report(run))}")
    print(f"run {run.folder}")


def _model(found: RunReport) -> Path:
    return paths.models_dir() / found.model


def _accuracies(run: Run) -> tuple[float, float, float]:
    found = finished_report(run)
    return found.train_accuracy, found.val.accuracy, found.test.accuracy
