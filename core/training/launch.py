"""Start, stop and resume a run's background process; refuse beforehand what can't work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil

from core import paths, runs
from core.config import TrainConfig
from core.data import split as splits
from core.data.scan import Progress, label_folders, scan
from core.errors import UserError
from core.labels import TWO_CLASSES
from core.networks import weights
from core.runs import Run
from core.training import prepare

_STOP_SECONDS = 20


def start(config: TrainConfig, progress: Progress | None = None) -> Run:
    """Check the photos, the split and the weights, then start training in the background.

    Returns at once with the run. Raises UserError, before a run folder is made, for what the user must put right.
    """
    # In the order in which a user would want to hear of it: the path, the weights, then what takes a while to see.
    label_folders(config.folder)
    weights.check(config)
    prepare.starting_point(config)
    found = scan(config.folder, progress)
    rows = splits.split(found, config.split, config.seed)
    classes = len({row.label for row in rows if config.wrong_mask or row.label in TWO_CLASSES})
    run = runs.create(config.model_copy(update={"dataset": str(config.folder.resolve())}), classes)
    try:
        _spawn(run)
    except OSError as error:
        raise UserError(f"{run.id} can't be started ({error.strerror}).") from None
    return run


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
    process = ask_to_stop(run)
    deadline = time.monotonic() + _STOP_SECONDS
    while run.process() and time.monotonic() < deadline:
        time.sleep(0.1)
    if run.process():
        _signal(process, signal.SIGKILL)


def ask_to_stop(run: Run) -> psutil.Process:
    """Ask the trainer to stop without waiting for it, as a page does. Raises UserError when it is not active."""
    process = run.process()
    if process is None or not run.state.active:
        raise UserError(f"{run.id} is not running: there is nothing to stop.")
    run.note_stop()
    _signal(process, signal.SIGTERM)
    return process


def _spawn(run: Run) -> None:
    environment = os.environ | {"PYTHONPATH": str(paths.PROJECT), "PYTHONUNBUFFERED": "1"}
    with run.log_file.open("ab") as log:
        # Its own session: Ctrl-C and the death of the server or the terminal do not reach it.
        process = subprocess.Popen(
            [sys.executable, "-m", "core.training.worker", str(run.folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            cwd=paths.PROJECT, env=environment,
        )  # fmt: skip
    run.write_process(process.pid)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
