"""A network of models/ with the run that made it, where it is still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.inference.predictor import Predictor
from core.networks import checkpoint
from core.networks.checkpoint import Trained
from core.schema.errors import UserError
from core.schema.result import Result
from core.store import runs
from core.store.runs import Run


@dataclass(frozen=True)
class Subject:
    """A chosen network. `result` is that of its run on test photos, from the run's folder or else from the network's
    file; None where neither holds one."""

    predictor: Predictor
    run: Run | None
    result: Result | None

    def trained(self) -> Trained:
        """The network in torch, for what looks into it. Raises UserError where its file is gone or damaged."""
        path = self.predictor.path
        try:
            stat = path.stat()
        except OSError:
            raise UserError(f"{path.name} is gone from models/: choose another network.") from None
        return _trained(str(path), stat.st_mtime_ns, stat.st_size)


def of(predictor: Predictor) -> Subject:
    """The network of a predictor, its run and its test result."""
    run = _run(predictor)
    report = run.report() if run else predictor.info.report
    return Subject(predictor, run, report.test if report else None)


def _run(predictor: Predictor) -> Run | None:
    try:
        run = runs.get(predictor.info.run)
        report = run.report()
        return run if report and report.model == predictor.path.name else None
    except UserError:
        return None


@st.cache_resource(max_entries=2, show_spinner="Loading the network")
def _trained(path: str, mtime_ns: int, size: int) -> Trained:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    return checkpoint.load(Path(path))
