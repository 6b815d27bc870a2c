"""Start, stop and resume the background processes of runs; refuse beforehand what can't work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

from core import paths, runs
from core.config import TrainConfig
from core.data import split as splits
from core.data.scan import Progress, Scan, label_folders, scan
from core.errors import UserError
from core.labels import TWO_CLASSES
from core.networks import weights
from core.runs import Run, State
from core.training import prepare

_STOP_SECONDS = 20
# glibc would give each large tensor's memory back to the system and ask for it anew in the next step; other systems do
# not read these. benchmarks/kept_memory.py measures what it is worth.
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}


def start(config: TrainConfig, progress: Progress | None = None) -> Run:
    """Check the photos, the split and the weights, then start training in the background.

    Returns at once with the run. Raises UserError, before a run folder is made, for what the user must put right.
    """
    return start_all([config], progress)[0]


def start_all(configs: Sequence[TrainConfig], progress: Progress | None = None) -> list[Run]:
    """Start several trainings, which take the machine one after another, as `start` does each.

    All are checked first: raises UserError and starts none if one of them can't work.
    """
    # Once for those that start alike: looking for a network may take seconds.
    for config in {(config.folder, config.backbone, config.weights): config for config in configs}.values():
        # In the order in which a user would want to hear of it: the path, the weights, then what takes a while to see.
        label_folders(config.folder)
        weights.check(config)
        prepare.starting_point(config)
    scans: dict[Path, Scan] = {}
    classes = [_classes(config, scans, progress) for config in configs]
    started: list[Run] = []
    try:
        for config, count in zip(configs, classes, strict=True):
            started.append(runs.create(config.model_copy(update={"dataset": str(config.folder.resolve())}), count))
        for run in started:
            _spawn(run)
    except (UserError, OSError) as error:
        _take_back(started)
        reason = str(error) if isinstance(error, UserError) else f"The training can't be started ({error.strerror})."
        raise UserError(reason) from None
    return started


def resume(run: Run) -> None:
    """Go on from the last finished epoch. Raises UserError unless the run was stopped or failed."""
    if not run.resumable:
        raise UserError(f"{run.id} is {run.state.status}: only a stopped or failed run can be resumed.")
    state = replace(run.state, status="queued", message="Resuming", ended=None)
    try:
        run.keep_reserve()
        run.write_state(state)
        run.forget_process()
        _spawn(run)
    except OSError as error:
        raise UserError(f"{run.id} can't be resumed ({error.strerror}): free some space first.") from None


def stop(run: Run) -> None:
    """Ask the trainer to stop, and end it when it does not; the last checkpoint stays.

    Raises UserError when it is not active.
    """
    _wait_for_end(run, ask_to_stop(run))


def stop_all(some: Sequence[Run]) -> None:
    """Stop those of the runs that are active: the last first, so that none takes its turn meanwhile."""
    asked: list[tuple[Run, psutil.Process]] = []
    for run in reversed(some):
        # A UserError: it is at its end already.
        with suppress(UserError):
            asked.append((run, ask_to_stop(run)))
    for run, process in asked:
        _wait_for_end(run, process)


def ask_to_stop(run: Run) -> psutil.Process:
    """Ask the trainer to stop without waiting for it, as a page does. Raises UserError when it is not active."""
    process = run.process()
    if process is None or not run.state.active:
        raise UserError(f"{run.id} is not running: there is nothing to stop.")
    run.note_stop()
    _signal(process, signal.SIGTERM)
    return process


def _classes(config: TrainConfig, scans: dict[Path, Scan], progress: Progress | None) -> int:
    """Labels that the config trains on. Raises UserError when its split can't be made; `scans` keeps what was read."""
    if config.folder not in scans:
        scans[config.folder] = scan(config.folder, progress)
    rows = splits.split(scans[config.folder], config.split, config.seed, config.folds, config.fold)
    return len({row.label for row in rows if config.wrong_mask or row.label in TWO_CLASSES})


def _take_back(started: Sequence[Run]) -> None:
    # On a full disk a folder may stay, as a run that failed.
    with suppress(OSError):
        stop_all(started)
    for run in started:
        with suppress(OSError, UserError):
            run.write_state(State("failed", "Not started"))
            runs.delete(run)


def _spawn(run: Run) -> None:
    environment = KEPT_MEMORY | os.environ | {"PYTHONPATH": str(paths.PROJECT), "PYTHONUNBUFFERED": "1"}
    with run.log_file.open("ab") as log:
        # Its own session: Ctrl-C and the death of the server or the terminal do not reach it.
        process = subprocess.Popen(
            [sys.executable, "-m", "core.training.worker", str(run.folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            cwd=paths.PROJECT, env=environment,
        )  # fmt: skip
    try:
        run.write_process(process.pid)
    except OSError:
        # Nobody could find it again, to stop it.
        process.kill()
        raise


def _wait_for_end(run: Run, process: psutil.Process) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while run.process() and time.monotonic() < deadline:
        time.sleep(0.1)
    if run.process():
        _signal(process, signal.SIGKILL)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
