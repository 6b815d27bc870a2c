"""A network of models/ with the run that made it, where it is still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from core.errors import UserError
from core.live.predictor import Predictor
from core.networks import files
from core.networks.files import Trained
from core.runs import Run


@dataclass(frozen=True)
class Subject:
    """`report` is the run's, else the one in the network's file; None where neither holds a test result."""

    trained: Trained
    run: Run | None
    report: dict[str, Any] | None


def of(predictor: Predictor) -> Subject:
    """The network of a predictor, its run and its report. Raises UserError where its file is gone or damaged."""
    try:
        stat = predictor.path.stat()
    except OSError:
        raise UserError(f"{predictor.path.name} is gone from models/: choose another network.") from None
    trained = _trained(str(predictor.path), stat.st_mtime_ns, stat.st_size)
    run = _run(trained)
    report = run.report() if run else trained.numbers
    return Subject(trained, run, report if "test" in report else None)


def _run(trained: Trained) -> Run | None:
    try:
        run = runs.get(str(trained.numbers.get("run", "")))
        return run if (run.report() or {}).get("model") == trained.path.name else None
    except UserError:
        return None


@st.cache_resource(max_entries=2, show_spinner="Loading the network")
def _trained(path: str, mtime_ns: int, size: int) -> Trained:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    return files.load(Path(path))
