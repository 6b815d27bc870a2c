"""The run folder: the only code that knows a file name under runs/.

A reader never trusts state.json alone: a run is queued or running only while its process lives.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from core import config as configs
from core import locks, paths, processes
from core.config import TrainConfig
from core.errors import UserError
from core.reading import Parsed, Rows
from core.sealed import seal, unseal
from core.standing import State, Status, Summary, summary
from core.tables import append_rows, growing, read_table, write_table
from core.writing import write_whole

METRICS = (
    "epoch", "train_loss", "train_accuracy", "measured_train_loss", "measured_train_accuracy", "val_loss",
    "val_accuracy", "learning_rate", "seconds", "images_per_second", "seconds_left",
)  # fmt: skip

_CONFIG, _STATE, _METRICS, _LOG = "config.json", "state.json", "metrics.csv", "log.txt"
_SPLIT, _REFUSED, _AUGMENTED, _PREDICTIONS = "split.csv", "refused.csv", "augmented.png", "predictions.csv"
_REPORT, _CHECKPOINT, _RESERVE, _MACHINE = "report.json", "last.ckpt", ".reserve", ".machine.lock"
_STRESS, _SEEN, _CUSTOM, _NETWORK = "stress.json", "seen.csv", "custom.json", "network.json"
_STOP = ".stop"
# Given back when the disk is full, so that the last word about the run can still be written.
_RESERVE_BYTES = 65536
# A process needs this long at most from being started to being found by its pid.
_START_SECONDS = 15
_AGAIN = "put a copy of it back, or train the run again"
_RUN = re.compile(r"\d{8}-\d{6}_")
_CLASSES = re.compile(r"-(\d)classes")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,120}")
_EARLY: tuple[Status, ...] = ("stopped", "failed")
STOPPED = "Stopped. Resume continues from the last finished epoch."
_KILLED = "The trainer exited unexpectedly: it was killed, or the machine ran out of memory or was restarted."


# What was read is kept until the file changes, of so many runs that a list of them all is quick; the rows of metrics
# are larger and asked for by fewer.
_KEPT, _KEPT_METRICS = 5000, 200
_configs = Parsed(lambda text: configs.make(unseal(text)), _KEPT)
_states = Parsed(lambda text: State(**unseal(text)), _KEPT)
_summaries = Parsed(summary, _KEPT)
_metrics = Rows(_KEPT_METRICS)


@dataclass(frozen=True)
class Run:
    """One run folder; reads what is on disk now."""

    folder: Path

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The id without its time."""
        return self.id.split("_", 1)[-1]

    @property
    def config(self) -> TrainConfig:
        """Raises UserError when config.json is missing or damaged."""
        try:
            return _configs.of(self.folder / _CONFIG)
        except (OSError, ValueError) as error:
            raise UserError(
                f"The run {self.id} has no readable config.json ({error}): put a copy of it back, or delete the run."
            ) from None

    @property
    def classes(self) -> int:
        """How many labels it trains on, as the folder's name says."""
        said = _CLASSES.search(self.id)
        return int(said[1]) if said else 2 + self.config.wrong_mask

    @property
    def created(self) -> datetime:
        """When the folder's name says it was made."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S")

    @property
    def place(self) -> tuple[int, str] | None:
        """What orders the queue: when its process was noted (nanoseconds), at its start or when it was last resumed.
        None before that."""
        noted = processes.noted_ns(self.folder)
        return None if noted is None else (noted, self.id)

    @property
    def state(self) -> State:
        """state.json, corrected where its process no longer lives."""
        try:
            written = _states.of(self.folder / _STATE)
        except (OSError, ValueError, TypeError):
            return self._without_state()
        if written.active and not self._lives(written):
            if (self.folder / _STOP).exists():
                return replace(written, status="stopped", message=STOPPED, seconds_left=None)
            return replace(written, status="failed", message=_KILLED, seconds_left=None)
        return written

    @property
    def split_file(self) -> Path:
        return self.folder / _SPLIT

    @property
    def augmented_file(self) -> Path:
        return self.folder / _AUGMENTED

    @property
    def metrics_file(self) -> Path:
        return self.folder / _METRICS

    @property
    def predictions_file(self) -> Path:
        return self.folder / _PREDICTIONS

    @property
    def log_file(self) -> Path:
        return self.folder / _LOG

    @property
    def checkpoint_file(self) -> Path:
        return self.folder / _CHECKPOINT

    @property
    def report_file(self) -> Path:
        return self.folder / _REPORT

    @property
    def stress_file(self) -> Path:
        return self.folder / _STRESS

    @property
    def refused_file(self) -> Path:
        return self.folder / _REFUSED

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
            raise self._damaged(_METRICS, "resume the run if it has not finished; its result stands if it has")
        return rows

    def report(self) -> dict[str, Any] | None:
        """The final numbers, or None before the end. Raises UserError for a damaged report.json."""
        try:
            return unseal(self.report_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            raise self._damaged(_REPORT, _AGAIN) from None

    def summary(self) -> Summary | None:
        """What lists show of the final numbers, None before the end and for a damaged report.json; much quicker than
        the whole report."""
        try:
            return _summaries.of(self.report_file)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def predictions(self) -> list[dict[str, str]]:
        """Rows of predictions.csv (file, label, group, part, p_<label>...), empty before the end. Raises UserError for
        a damaged one, as `seen` and `refused` do."""
        return read_table(self.predictions_file)

    def seen(self) -> frozenset[str]:
        """Digests of the photos that the network was trained on or selected by, in this run or before it; none before
        the end."""
        return frozenset(row["digest"] for row in read_table(self.folder / _SEEN))

    def custom(self) -> dict[str, Any] | None:
        """What the network was found to make of photos from elsewhere, or None where that was not measured, as for a
        damaged custom.json: measuring it again gives the same."""
        return self._remade(_CUSTOM)

    def network(self) -> dict[str, Any] | None:
        """What the network is made of, or None where that has not been written, as for a damaged network.json: it can
        be worked out again."""
        return self._remade(_NETWORK)

    def refused(self) -> list[dict[str, str]]:
        """Rows of refused.csv (file, reason)."""
        return read_table(self.refused_file)

    def log_tail(self, lines: int = 40) -> str:
        """The end of the log."""
        try:
            with self.log_file.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 200 * lines))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def write_state(self, state: State) -> None:
        """Replace state.json whole; on a full disk the reserve makes room for it."""
        state = replace(state, updated=time.time())
        try:
            write_whole(self.folder / _STATE, seal(asdict(state)))
        except OSError:
            (self.folder / _RESERVE).unlink(missing_ok=True)
            write_whole(self.folder / _STATE, seal(asdict(state)))

    def write_process(self, pid: int) -> None:
        """Remember the trainer's process."""
        processes.note(self.folder, pid)

    def process(self) -> psutil.Process | None:
        """The trainer's process, if it lives."""
        return processes.find(self.folder)

    def lock(self) -> AbstractContextManager[None]:
        """Who starts, resumes, stops or deletes the run holds it meanwhile. Its block raises UserError where the run is
        gone, others take too long, or the disk is full."""
        return locks.held(self.folder, _CONFIG)

    def note_stop(self) -> None:
        """Remember that the user asked to stop: a trainer that ends by it, even while starting, has not failed."""
        (self.folder / _STOP).touch()

    def keep_reserve(self) -> None:
        """Set space aside for the last word about the run."""
        (self.folder / _RESERVE).write_bytes(b"\0" * _RESERVE_BYTES)

    def forget_process(self) -> None:
        """Make ready for a new process: the old one, and a wish to stop it, no longer count."""
        (self.folder / _STOP).unlink(missing_ok=True)
        processes.forget(self.folder)

    def append_metrics(self, row: dict[str, float]) -> None:
        """Append an epoch's row and flush it to disk."""
        append_rows(self.metrics_file, METRICS, [_cells(row)])

    def write_metrics(self, rows: Sequence[dict[str, float]]) -> None:
        """Replace them whole by those up to the checkpoint: what came after it is trained again."""
        write_whole(self.metrics_file, growing(METRICS, [_cells(row) for row in rows]))

    def write_report(self, report: dict[str, Any]) -> None:
        write_whole(self.report_file, seal(report, indent=1))

    def write_custom(self, found: dict[str, Any]) -> None:
        write_whole(self.folder / _CUSTOM, seal(found, indent=1))

    def write_network(self, found: dict[str, Any]) -> None:
        write_whole(self.folder / _NETWORK, seal(found))

    def write_refused(self, rows: list[dict[str, str]]) -> None:
        write_table(self.refused_file, ("file", "reason"), rows)

    def write_seen(self, digests: frozenset[str]) -> None:
        write_table(self.folder / _SEEN, ("digest",), [{"digest": digest} for digest in sorted(digests)])

    def write_predictions(self, labels: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        columns = ("file", "label", "group", "part", *(f"p_{label}" for label in labels))
        write_table(self.predictions_file, columns, rows)

    def _remade(self, name: str) -> dict[str, Any] | None:
        """A sealed file that can be made again; None where there is none, and for a damaged one."""
        try:
            return unseal((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _lives(self, written: State) -> bool:
        if self.process():
            return True
        return processes.noted_ns(self.folder) is None and time.time() - written.updated < _START_SECONDS

    def _without_state(self) -> State:
        """What can be said where state.json can't be: a trainer writes it anew, and report.json comes last of all."""
        if self.process():
            return State("running", "state.json is missing or damaged: the trainer is about to write it anew.")
        with suppress(UserError, KeyError):
            if report := self.report():
                return State("finished", f"Published as {report['model']}", epoch=report["epochs"], progress=1.0)
        return State("failed", "state.json is missing or damaged: resume the run, or delete it.")

    def _damaged(self, name: str, remedy: str) -> UserError:
        return UserError(f"{name} of {self.id} is damaged: {remedy}.")


def create(config: TrainConfig, classes: int) -> Run:
    """Make a run folder in the state queued. Raises UserError when runs/ can't be written."""
    name = f"{datetime.now():%Y%m%d-%H%M%S}_{config.backbone}-{config.mode}-{classes}classes"
    folder = None
    try:
        folder = _new_folder(paths.runs_dir(), name)
        run = Run(folder)
        run.keep_reserve()
        write_whole(folder / _CONFIG, seal(config.model_dump(mode="json"), indent=1))
        run.write_state(State("queued", "Starting"))
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise UserError(f"runs/ can't be written ({error.strerror}): free some space or set MASKLAB_HOME.") from None
    return run


def get(run_id: str) -> Run:
    """The run of that id, which may come from anywhere. Raises UserError when there is none."""
    folder = paths.runs_dir() / run_id if _NAME.fullmatch(run_id) else None
    if folder is None or not (folder / _CONFIG).is_file():
        raise UserError(f"There is no run {run_id[:120]!r} in runs/.")
    return Run(folder)


def every() -> list[Run]:
    """All runs, newest first."""
    found, folder = [], paths.runs_dir()
    with os.scandir(folder) as items:
        for item in items:
            # config.json is written once: its time orders the runs of one second, which names would order by network.
            if _RUN.match(item.name) and (time_ns := _file_time(f"{item.path}/{_CONFIG}")) is not None:
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


def _new_folder(parent: Path, name: str) -> Path:
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    raise UserError(f"runs/ already holds a thousand runs of the name {name}.")
