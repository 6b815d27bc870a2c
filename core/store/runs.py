"""A run: the folder of one training and the job that trains it; and the list of all runs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.schema.errors import UserError
from core.schema.run_report import RunReport
from core.schema.train_config import TrainConfig
from core.store import locks, paths, run_names
from core.store.files.atomic import write_whole
from core.store.files.checked_csv import append_rows, growing
from core.store.files.file_cache import Rows
from core.store.job_state import State, Status
from core.store.jobs import Job
from core.store.run_files import CONFIG, RunFiles

METRICS = (
    "epoch", "train_loss", "train_accuracy", "measured_train_loss", "measured_train_accuracy", "val_loss",
    "val_accuracy", "learning_rate", "seconds", "images_per_second", "seconds_left",
)  # fmt: skip
STOPPING = "Stopping after this batch"
STOPPED = "Stopped. Resume goes on from the last finished epoch."

_MACHINE = ".machine.lock"
_RUN = re.compile(r"\d{8}-\d{6}_")
_CLASSES = re.compile(r"-(\d)classes")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,120}")
_EARLY: tuple[Status, ...] = ("stopped", "failed")
# Rows are larger than what lists need, and asked for by fewer.
_metrics = Rows(200)


@dataclass(frozen=True)
class Run(RunFiles):
    """One training, as its folder shows it now."""

    @property
    def name(self) -> str:
        """Its owner's, or else what tells it from others; the id where config.json can't be read."""
        try:
            return self.notes().name or run_names.default(self.config, self.classes)
        except UserError:
            return self.id

    @property
    def classes(self) -> int:
        """How many labels it trains on, as the folder's name says."""
        said = _CLASSES.search(self.id)
        return int(said[1]) if said else len(self.config.labels)

    @property
    def created(self) -> datetime:
        """When the folder's name says it was made."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S")

    @property
    def job(self) -> Job:
        """Its trainer: process, state and log."""
        return Job(self.folder)

    @property
    def place(self) -> tuple[int, str] | None:
        """What orders the queue: when its process was noted (nanoseconds), at its start or when it was last resumed.
        None before that."""
        noted = self.job.noted_ns()
        return None if noted is None else (noted, self.id)

    @property
    def state(self) -> State:
        """How its job stands."""
        try:
            state = self.job.read()
        except (OSError, ValueError, TypeError):
            return self._without_state()
        if state.active and self.job.asked_to_stop:
            return replace(state, message=STOPPING, seconds_left=None)
        return replace(state, message=STOPPED) if state.status == "stopped" and not state.message else state

    @property
    def stopping(self) -> bool:
        """Whether it is at work and has been asked to stop."""
        return self.job.asked_to_stop and self.state.active

    @property
    def resumable(self) -> bool:
        """Whether `resume` would go on with it: it ended early."""
        return self.state.status in _EARLY

    def metrics(self) -> list[dict[str, float]]:
        """One dict a finished epoch, keyed by METRICS; a last line without its newline is not a row yet.

        Raises UserError where rows are missing of a run that is not active: of an active one, the file may be growing.
        """
        # In this order: a run that ends in between has written its last row before its state.
        state, rows = self.state, _metrics.of(self.metrics_file)
        if any(not row.keys() >= set(METRICS) for row in rows[:1]) or (not state.active and len(rows) < state.epoch):
            remedy = "resume the run if it has not finished; its result stands if it has"
            raise self._damaged(self.metrics_file.name, remedy)
        return rows

    def append_metrics(self, row: dict[str, float]) -> None:
        """Append an epoch's row and flush it to disk."""
        append_rows(self.metrics_file, METRICS, [_cells(row)])

    def write_metrics(self, rows: Sequence[dict[str, float]]) -> None:
        """Replace them whole by those up to the checkpoint: what came after it is trained again."""
        write_whole(self.metrics_file, growing(METRICS, [_cells(row) for row in rows]))

    def lock(self) -> AbstractContextManager[None]:
        """Who starts, resumes, stops or deletes the run holds it meanwhile. Its block raises UserError where the run is
        gone, others take too long, or the disk is full."""
        return locks.held(self.folder, CONFIG)

    def _without_state(self) -> State:
        """What can be said where state.json can't be: a trainer writes it anew, and report.json comes last of all."""
        if self.job.process():
            return State("running", "state.json is missing or damaged: the trainer is about to write it anew.")
        with suppress(UserError):
            if report := self.report():
                return State("finished", f"Saved as {report.model}", epoch=report.epochs, progress=1.0)
        return State("failed", "state.json is missing or damaged: resume the run, or delete it.")


def create(config: TrainConfig, classes: int) -> Run:
    """Make a run folder in the state queued. Raises UserError when runs/ can't be written."""
    name = f"{datetime.now():%Y%m%d-%H%M%S}_{config.backbone}-{config.mode}-{classes}classes"
    folder = None
    try:
        folder = paths.new_folder(paths.runs_dir(), name)
        run = Run(folder)
        run.job.keep_reserve()
        run.write_config(config)
        run.job.write(State("queued", "Starting"))
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise UserError(f"runs/ can't be written ({error.strerror}): free some space or set MASKLAB_HOME.") from None
    return run


def get(run_id: str) -> Run:
    """The run of that id, which may come from anywhere. Raises UserError when there is none."""
    folder = paths.runs_dir() / run_id if _NAME.fullmatch(run_id) else None
    if folder is None or not (folder / CONFIG).is_file():
        raise UserError(f"There is no run {run_id[:120]!r} in runs/.")
    return Run(folder)


def every() -> list[Run]:
    """All runs, newest first."""
    found, folder = [], paths.runs_dir()
    with os.scandir(folder) as items:
        for item in items:
            # config.json is written once: its time orders the runs of one second, which names would order by network.
            if _RUN.match(item.name) and (time_ns := _file_time(f"{item.path}/{CONFIG}")) is not None:
                found.append((item.name[:15], time_ns, item.name))
    return [Run(folder / name) for _, _, name in sorted(found, reverse=True)]


def delete(run: Run) -> None:
    """Remove a run's folder; its network in models/ stays. Raises UserError while it is active and where that fails."""
    try:
        with run.lock():
            if run.state.active:
                raise UserError(f"{run.id} is still {run.state.status}: stop it first.")
            # Renamed first, so that a reader never meets half a run.
            doomed = run.folder.rename(run.folder.with_name(f".deleted-{run.id}"))
            shutil.rmtree(doomed, ignore_errors=True)
    except OSError as error:
        raise UserError(f"{run.id} can't be deleted ({error.strerror}): remove its folder by hand.") from None


def finished_report(run: Run) -> RunReport:
    """The final numbers of a finished run. Raises UserError when they are gone."""
    found = run.report()
    if found is None:
        raise UserError(f"The run {run.id} has finished, but its report is missing or damaged.")
    return found


def lock_file() -> Path:
    """The file whose lock says that a run has the machine."""
    return paths.runs_dir() / _MACHINE


def _cells(row: dict[str, float]) -> dict[str, float]:
    return row | {"epoch": int(row["epoch"])}


def _file_time(path: str) -> int | None:
    """Nanoseconds (Unix); None where there is no such file."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
