"""Work in a process of its own that outlives page and server: started, watched and stopped by a folder on disk.

A reader never trusts the state alone: a job is running only while its process (pid and creation time) lives.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Literal

import psutil

from core import paths, processes
from core.errors import UserError
from core.sealed import seal, unseal
from core.writing import write_whole

Status = Literal["running", "finished", "failed", "stopped"]
_STATE, _LOG, _STOP = "state.json", "log.txt", ".stop"
# From being started to being found by its pid a process needs this long at most.
_START_SECONDS = 15
_SAID_EVERY_SECONDS = 0.5
_KILLED = "It exited unexpectedly: it was killed, or the machine ran out of memory or was restarted."
Progress = Callable[[str, int, int], None]


class Stopped(Exception):
    """Someone asked the job to stop."""


@dataclass(frozen=True)
class State:
    """How a job stands: `message` is for the user, `done` of `total` steps of what it is at are done; `updated` is a
    Unix time in seconds."""

    status: Status
    message: str = ""
    done: int = 0
    total: int = 0
    updated: float = 0.0

    @property
    def active(self) -> bool:
        return self.status == "running"

    @property
    def progress(self) -> float:
        """Share that is done, 0..1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Job:
    """The folder of one job; it holds the last time the job was done."""

    folder: Path

    @property
    def state(self) -> State | None:
        """state.json, corrected where its process no longer lives; None before the first start."""
        try:
            written = State(**unseal((self.folder / _STATE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            if self.process():
                return State("running", "state.json is damaged: it is about to be written anew.")
            return State("failed", "state.json is damaged: start the work again.")
        if written.active and not self._lives(written):
            stopped = (self.folder / _STOP).exists()
            return replace(written, status="stopped" if stopped else "failed", message="" if stopped else _KILLED)
        return written

    @property
    def log_file(self) -> Path:
        """What the process printed."""
        return self.folder / _LOG

    def start(self, module: str, *arguments: str) -> None:
        """Run `python -m module arguments FOLDER`, which calls `work`. Raises UserError while it runs and on a full
        disk."""
        state = self.state
        if state and state.active:
            raise UserError("This is already running: wait for it, or stop it first.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / _STOP).unlink(missing_ok=True)
            processes.forget(self.folder)
            self.write(State("running", "Starting"))
            self._spawn(module, arguments)
        except OSError as error:
            (self.folder / _STATE).unlink(missing_ok=True)
            raise UserError(f"The work can't be started ({error.strerror}): free some space first.") from None

    def stop(self) -> None:
        """Ask the process to stop, without waiting for it. Raises UserError when it is not running."""
        process = self.process()
        if process is None:
            raise UserError("This is not running: there is nothing to stop.")
        (self.folder / _STOP).touch()
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)

    def process(self) -> psutil.Process | None:
        """The process, if it lives."""
        return processes.find(self.folder)

    def write(self, state: State) -> None:
        """Replace state.json whole."""
        write_whole(self.folder / _STATE, seal(asdict(replace(state, updated=time.time()))))

    def _spawn(self, module: str, arguments: tuple[str, ...]) -> None:
        environment = os.environ | {"PYTHONPATH": str(paths.PROJECT), "PYTHONUNBUFFERED": "1"}
        with self.log_file.open("wb") as log:
            # Its own session: Ctrl-C and the death of the server or the terminal do not reach it.
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments, str(self.folder)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, cwd=paths.PROJECT, env=environment,
            )  # fmt: skip
        try:
            processes.note(self.folder, process.pid)
        except OSError:
            # Nobody could find it again, to stop it.
            process.kill()
            raise

    def _lives(self, written: State) -> bool:
        if self.process():
            return True
        return processes.noted_ns(self.folder) is None and time.time() - written.updated < _START_SECONDS


def work(job: Job, task: Callable[[Progress], str]) -> None:
    """What the started process does: run the task, which tells its progress and returns its last word, and leave every
    outcome in the job's folder. SIGTERM stops the task at its next word of progress."""
    asked = False
    said = 0.0

    def ask(signum: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    def tell(message: str, done: int, total: int) -> None:
        nonlocal said
        if asked:
            raise Stopped
        if time.monotonic() - said > _SAID_EVERY_SECONDS or done == total:
            said = time.monotonic()
            job.write(State("running", message, done, total))

    signal.signal(signal.SIGTERM, ask)
    try:
        tell("Starting", 0, 0)
        job.write(State("finished", task(tell), 1, 1))
    except Stopped:
        job.write(State("stopped"))
    except UserError as error:
        job.write(State("failed", str(error)))
    except Exception as error:
        traceback.print_exc()
        job.write(State("failed", f"{type(error).__name__}: {error}"))
