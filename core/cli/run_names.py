"""Runs as they are typed: an id or a folder."""

from __future__ import annotations

from pathlib import Path

from core.schema.errors import UserError
from core.store import paths, runs
from core.store.runs import Run


def find(name: str) -> Run:
    """The run of a typed id or folder. Raises UserError when there is none in this home's runs/."""
    folder = Path(name).expanduser()
    if "/" not in name.rstrip("/") and not folder.is_dir():
        return runs.get(name)
    if folder.resolve().parent != paths.runs_dir():
        raise UserError(f"{name} is not a run in {paths.runs_dir()}: check the path, or set MASKLAB_HOME.")
    return runs.get(folder.resolve().name)


def finished(name: str) -> Run:
    """The same for a run that has its results. Raises UserError for another."""
    run = find(name)
    if run.report() is None:
        raise UserError(f"{run.id} has no results yet: it is {run.state.status}.")
    return run
