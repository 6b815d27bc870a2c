"""A network of models/ with the run that made it, where it is still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core import runs
from core.errors import UserError
from core.inference.predictor import Predictor
from core.networks import files
from core.networks.files import Trained
from core.runs import Run


@dataclass(frozen=True)
class Subject:
    """A chosen network. `report` is its run's, else the one in its file; None where neither holds a test result."""

    predictor: Predictor
    run: Run | None
    report: dict[str, Any] | None

    def trained(self) -> Trained:
        """The network in torch, for what looks into it. Raises UserError where its file is gone or damaged."""
        path = self.predictor.path
        try:
            stat = path.stat()
        except OSError:
            raise UserError(f"{path.name} is gone from models/: choose another network.") from None
        return _trained(str(path), stat.st_mtime_ns, stat.st_size)


def of(predictor: Predictor) -> Subject:
    """The network of a predictor, its run and its report."""
    run = _run(predictor)
    report = run.report() if run else predictor.network.numbers
    return Subject(predictor, run, report if "test" in report else None)


def _run(predictor: Predictor) -> Run | None:
    try:
        run = runs.get(predictor.network.run)
        return run if (run.report() or {}).get("model") == predictor.path.name else None
    except UserError:
        return None


@st.cache_resource(max_entries=2, show_spinner="Loading the network")
def _trained(path: str, mtime_ns: int, size: int) -> Trained:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    return files.load(Path(path))
