"""What the table shows of a run, read from its folder without its curve."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.schema.errors import UserError
from core.schema.train_config import MODES, TrainConfig
from core.store import paths, runs, sweeps
from core.store.job_state import Status
from core.store.run_notes import Notes
from core.store.run_summary import Summary
from core.store.runs import Run

# Points of a row's curve: a cell is hardly wider.
_POINTS = 40


@dataclass(frozen=True)
class Group:
    """A sweep's id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class RunRow:
    """One run in a line. `config` is None where the run is damaged, `result` before its end; `epoch` are finished;
    `group` is the sweep that it belongs to."""

    run: Run
    name: str
    state: Status | Literal["damaged"]
    epoch: int
    notes: Notes
    config: TrainConfig | None
    result: Summary | None
    group: Group | None

    @property
    def started(self) -> datetime:
        return self.run.created

    @property
    def network(self) -> str:
        return self.config.backbone if self.config else ""

    @property
    def layers(self) -> str:
        return MODES[self.config.mode] if self.config and self.config.spec.retrain_from else ""

    @property
    def photos(self) -> str:
        """The folder's name, of one from elsewhere with the folder that it lies in: a name alone is often "train"."""
        if self.config is None:
            return ""
        folder = self.config.folder
        return folder.name if folder.parent == paths.datasets_dir() else "/".join(folder.parts[-2:])

    @property
    def labels(self) -> str:
        return f"{self.run.classes} labels" if self.config else ""

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


def every() -> list[RunRow]:
    """All runs, newest first. One that can't be read is damaged."""
    groups = _groups()
    return [_of(run, groups.get(run.id)) for run in runs.every()]


def _of(run: Run, group: Group | None) -> RunRow:
    notes = run.notes()
    try:
        config = run.config
    except UserError:
        return RunRow(run, run.name, "damaged", 0, notes, None, None, group)
    state, result = run.state, run.summary()
    status = "damaged" if state.status == "finished" and result is None else state.status
    return RunRow(run, run.name, status, state.epoch, notes, config, result, group)


def _groups() -> dict[str, Group]:
    """Run id -> its sweep; a damaged sweep has none, and is shown above the table."""
    found: dict[str, Group] = {}
    for sweep in sweeps.every():
        with suppress(UserError):
            found |= dict.fromkeys(sweep.run_ids(), Group(sweep.id, sweep.name))
    return found


def curve(run: Run) -> list[float]:
    """Validation accuracy in percent, an epoch a point, thinned; empty before the first and where it is damaged."""
    with suppress(UserError):
        values = [100 * row["val_accuracy"] for row in run.metrics()]
        return [values[place] for place in _thinned(len(values))]
    return []


def _thinned(count: int) -> Sequence[int]:
    step = -(-count // _POINTS) or 1
    return sorted({*range(0, count, step), count - 1}) if count else []
