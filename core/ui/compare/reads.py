"""What Compare works out from runs, once until their files change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

from core.evaluation.compare import two_runs, under_stress
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.evaluation.compare.under_stress import Stressed
from core.store.runs import Run

Stamps = tuple[tuple[int, int] | None, ...]


def against(reference: Entry, others: Sequence[Entry]) -> list[Versus]:
    """As two_runs.against."""
    runs = [run for entry in (reference, *others) for run in entry.runs]
    return _against(reference, tuple(others), stamps(file for run in runs for file in _files(run)))


def stressed(reference: Entry, others: Sequence[Entry]) -> list[Stressed]:
    """As under_stress.against."""
    runs = [run for entry in (reference, *others) for run in entry.runs]
    return _stressed(reference, tuple(others), stamps(run.stress_file for run in runs))


@st.cache_data(max_entries=32, show_spinner=False)
def _against(reference: Entry, others: tuple[Entry, ...], stamps: Stamps) -> list[Versus]:
    return two_runs.against(reference, others)


@st.cache_data(max_entries=16, show_spinner=False)
def _stressed(reference: Entry, others: tuple[Entry, ...], stamps: Stamps) -> list[Stressed]:
    return under_stress.against(reference, others)


def _files(run: Run) -> tuple[Path, ...]:
    return run.report_file, run.predictions_file, run.split_file, run.version_file, run.config.folder


def stamps(files: Iterable[Path]) -> Stamps:
    """Time (ns) and size of each; None of one that is not there."""
    return tuple(map(_stamp, files))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
