"""Remove a network from models/, and who would miss it."""

from __future__ import annotations

from pathlib import Path

from core.schema.errors import UserError
from core.store import paths, runs
from core.store.runs import Run


def made_by(name: str) -> list[Run]:
    """The runs in runs/ that saved a network of that file name."""
    return [run for run in runs.every() if (result := run.summary()) and result.model == name]


def needed_by(name: str) -> list[Run]:
    """The runs that begin with it and have not finished: without it they can't be resumed."""
    return [run for run in runs.every() if run.state.status != "finished" and _weights(run) == name]


def without_run() -> list[Path]:
    """The networks in models/ whose run is gone."""
    known = {paths.STARTER_FILE.name, *(result.model for run in runs.every() if (result := run.summary()))}
    return sorted(path for path in paths.models_dir().glob("*.pth") if path.name not in known)


def delete(name: str) -> None:
    """Remove the network's file and its int8 files. Raises UserError for the one that ships with Mask Lab, and where
    there is none of that name or it can't be removed."""
    path = paths.models_dir() / name
    if Path(name).name != name or not path.is_file() or path.suffix != ".pth":
        raise UserError(f"There is no network {name[:120]!r} in models/.")
    if path.resolve() == paths.STARTER_FILE.resolve():
        raise UserError(f"{name} ships with Mask Lab and is needed to start: it stays.")
    try:
        path.unlink()
        for suffix in (".int8.xml", ".int8.bin"):
            path.with_suffix(suffix).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{name} can't be deleted ({error.strerror}): remove it from models/ by hand.") from None


def _weights(run: Run) -> str:
    try:
        return run.config.weights
    except UserError:
        return ""
