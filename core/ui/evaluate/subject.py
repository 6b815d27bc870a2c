"""A network of models/ with the run that made it, where it is still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.networks import model_info
from core.networks.checkpoint import ModelInfo
from core.schema.errors import UserError
from core.schema.result import Result
from core.store import paths, runs
from core.store.runs import Run
from core.ui.common.model_picker import Picked

if TYPE_CHECKING:
    from core.inference.predictor import Predictor
    from core.networks.checkpoint import Trained


@dataclass(frozen=True)
class Subject:
    """A chosen network: what its file tells, its run, and its `result` on test photos, from the run's folder or else
    from the file; None where neither holds one. The network itself is loaded only where it is asked for."""

    picked: Picked
    info: ModelInfo
    run: Run | None
    result: Result | None

    def predictor(self) -> Predictor:
        """The network ready to classify, waited for. Raises UserError where it was never loaded and can't be now."""
        return self.picked.predictor()

    def trained(self) -> Trained:
        """The network in torch, for what looks into it. Raises UserError where its file is gone or damaged."""
        path = paths.models_dir() / self.picked.name if self.picked.path is None else self.picked.path
        try:
            stat = path.stat()
        except OSError:
            raise UserError(f"{path.name} is gone from models/: choose another network.") from None
        return _trained(str(path), stat.st_mtime_ns, stat.st_size)


def of(picked: Picked) -> Subject:
    """The chosen network, its run and its test result; as this session has loaded it where its file is gone or damaged
    by now. Raises UserError for a foreign or damaged file that was never loaded."""
    try:
        info = _info(picked)
    except UserError:
        if picked.before is None:
            raise
        info = picked.predictor().info
    run = _run(info, picked.name)
    report = run.report() if run else info.report
    return Subject(picked, info, run, report.test if report else None)


def of_run(run: Run) -> Subject:
    """The network of a finished run. Raises UserError where it is gone or damaged, or the run has not finished."""
    report = run.report()
    if report is None:
        raise UserError(f"{run.id} has not finished: there is no network of it yet.")
    picked = Picked(report.model, paths.models_dir() / report.model, f"{run.id}_loaded", exact=True)
    return Subject(picked, _info(picked), run, report.test)


def _info(picked: Picked) -> ModelInfo:
    try:
        stat = picked.path.stat() if picked.path else None
    except OSError:
        stat = None
    if stat is None:
        raise UserError(f"{picked.name} is gone from models/: choose another network.")
    return _facts(str(picked.path), stat.st_mtime_ns, stat.st_size)


def _run(info: ModelInfo, model: str) -> Run | None:
    try:
        run = runs.get(info.run)
        report = run.report()
        return run if report and report.model == model else None
    except UserError:
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _facts(path: str, mtime_ns: int, size: int) -> ModelInfo:
    """`mtime_ns` and `size` key the cache: a file that was written anew is read anew."""
    return model_info.read(Path(path))


@st.cache_resource(max_entries=2, show_spinner="Loading the network")
def _trained(path: str, mtime_ns: int, size: int) -> Trained:
    """Keyed as the above."""
    from core.networks import checkpoint

    return checkpoint.load(Path(path))
