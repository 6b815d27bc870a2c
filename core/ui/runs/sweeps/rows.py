"""A sweep's numbers as tables: a row per training, report A's published figures beside it, and means of repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import streamlit as st

from core.evaluation.compare.student_reports import REPORT_A, Reported
from core.networks import checkpoint
from core.schema.errors import UserError
from core.schema.presets import REPORT_A_BACKBONE, REPORT_A_SCRATCH
from core.store.runs import Run
from core.store.sweeps import Row, Standing
from core.text.numbers import duration, span

_PUBLISHED = {row.model: row for row in REPORT_A}


def rows(standings: Sequence[Standing], report_a: bool) -> list[dict[str, Any]]:
    """A dict per training; accuracies in percent, None before its end. With `report_a`, what report A published."""
    return [_row(standing, _reported(standing.row) if report_a else {}) for standing in standings]


def means(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Mean and standard deviation, in percent, of each setting of which at least two trainings have finished."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for standing in standings:
        if numbers := _numbers(standing):
            groups[standing.row.group].append(numbers)
    return [
        {
            "setting": group or "all",
            "test acc.": _spread([one["test"] for one in own]),
            "validation acc.": _spread([one["validation"] for one in own]),
            "trainings": len(own),
        }
        for group, own in groups.items()
        if len(own) > 1
    ]


def _row(standing: Standing, reported: dict[str, float | None]) -> dict[str, Any]:
    numbers = _numbers(standing)
    return {
        "training": standing.row.name,
        "test acc.": numbers.get("test"),
        "95 % interval": numbers.get("interval"),
        **reported,
        "status": standing.status,
        "validation acc.": numbers.get("validation"),
        "best epoch": numbers.get("best_epoch"),
        "time": numbers.get("time"),
    }


def _numbers(standing: Standing) -> dict[str, Any]:
    if standing.status != "finished":
        return {}
    run = standing.trained
    return _read(run.folder, run.report_file.stat().st_mtime_ns) if run.report_file.exists() else {}


@st.cache_data(max_entries=1000, show_spinner=False)
def _read(folder: Path, changed: int) -> dict[str, Any]:
    """A table is drawn anew every other second, and a report is long; `changed` keys the cache."""
    try:
        report = Run(folder).report()
    except UserError:
        # The run's page says what is damaged.
        report = None
    if report is None:
        return {}
    return {
        "test": 100 * report.test.accuracy,
        "interval": span(report.test.accuracy_grouped_interval),
        "validation": 100 * report.val.accuracy,
        "best_epoch": report.best_epoch,
        "time": duration(report.seconds),
    }


def _reported(row: Row) -> dict[str, float | None]:
    found = published(row)
    return {
        "report A's test": found.test if found else None,
        "report A's validation": found.validation if found else None,
        "report A's training": found.training if found else None,
    }


def published(row: Row) -> Reported | None:
    """Report A's row of these settings; another network in the place of the one that it retrained stands beside that
    one's figures."""
    network = REPORT_A_SCRATCH if row.config.backbone == REPORT_A_SCRATCH else REPORT_A_BACKBONE
    return _PUBLISHED.get(checkpoint.file_name(row.config.model_copy(update={"backbone": network}), row.classes))


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.1f} ± {stdev(values):.1f}"
