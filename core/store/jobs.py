"""Work in a process of its own that outlives page and server: started, watched and stopped by a folder on disk. A run
has a job, a sweep has one, and the stress suite is one.

A reader never trusts the state alone: a job is queued or running only while its process (pid and creation time) lives.
"""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import psutil
from filelock import FileLock, Timeout

from core.schema.errors import UserError
from core.store import job_state, paths, processes
from core.store.files.atomic import write_whole
from core.store.files.file_cache import Parsed
from core.store.job_state import State, Status

_STATE, _LOG, _STOP, _RESERVE = "state.json", "log.txt", ".stop", ".reserve"
# Under runs/, jobs about what has no folder of ours.
_ABOUT, _LOCK, _LOCK_SECONDS, _END_SECONDS = ".jobs", ".lock", 10, 20
# Given back when the disk is full, so that the last word about the job can still be written.
_RESERVE_BYTES = 65536
# From being started to being found by its pid a process needs this long at most.
_START_SECONDS = 15
# No more often than a reader can look.
_SAID_EVERY_SECONDS = 0.7
_KILLED = "The process exited unexpectedly: it was killed, or the machine ran out of memory or was restarted."
# torch.save's words for a disk that takes no more (it raises RuntimeError).
_DISK_FULL = ("No space left", "file write failed", "unexpected pos")
# So many that a list of all runs is quick.
_states = Parsed(job_state.of_text, 5000)
Progress = Callable[[str, int, int], None]


class Stopped(BaseException):
    """Someone asked the job to stop. As KeyboardInterrupt, it passes whoever catches all that packages may raise."""


@dataclass(frozen=True)
class Job:
    """The folder of one job, as its starter and its readers see it; it holds the last time the job was done."""

    folder: Path

    @property
    def state(self) -> State | None:
        """How it stands; None before the first start."""
        try:
            return self.read()
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            if self.process():
                return State("running", "state.json is damaged: it is about to be written anew.")
            return State("failed", "state.json is damaged: start the work again.")

    def read(self) -> State:
        """state.json, corrected where its process no longer lives. Raises OSError, ValueError or TypeError where there
        is none, or a damaged one."""
        written = _states.of(self.folder / _STATE)
        if written.active and not self._lives(written):
            stopped = self.asked_to_stop
            status: Status = "stopped" if stopped else "failed"
            return replace(written, status=status, message="" if stopped else _KILLED, seconds_left=None)
        return written

    @property
    def log_file(self) -> Path:
        """What the process printed."""
        return self.folder / _LOG

    def log_tail(self, lines: int = 40) -> str:
        """The end of the log."""
        try:
            with self.log_file.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 200 * lines))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def process(self) -> psutil.Process | None:
        """The process, if it lives."""
        return processes.find(self.folder)

    def noted_ns(self) -> int | None:
        """When its process was noted, in nanoseconds (Unix); None before that."""
        return processes.noted_ns(self.folder)

    def note(self, pid: int) -> None:
        """Remember its process. Raises OSError."""
        processes.note(self.folder, pid)

    def start(self, module: str, *arguments: str) -> None:
        """Run `python -m module arguments FOLDER`, which calls `work`. Raises UserError while it runs and on a full
        disk."""
        state = self.state
        if state and state.active:
            raise UserError("This is already running: wait for it, or stop it first.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.forget()
            self.log_file.unlink(missing_ok=True)
            self.write(State("running", "Starting"))
            self.spawn(module, *arguments)
        except OSError as error:
            (self.folder / _STATE).unlink(missing_ok=True)
            raise UserError(f"The work can't be started ({error.strerror}): free some space first.") from None

    def spawn(self, module: str, *arguments: str, defaults: Mapping[str, str] | None = None) -> None:
        """Start the process alone, for who has written the state and goes on with the log; `defaults` as in
        `processes.spawn`. Raises OSError."""
        processes.spawn(self.folder, module, arguments, self.log_file, defaults or {})

    def forget(self) -> None:
        """Make ready for a new process: the old one, and a wish to stop it, no longer count. Raises OSError."""
        (self.folder / _STOP).unlink(missing_ok=True)
        processes.forget(self.folder)

    def stop(self) -> None:
        """Ask the process to stop, without waiting for it. Raises UserError when it is not running."""
        process = self.process()
        if process is None:
            raise UserError("This is not running: there is nothing to stop.")
        self.ask_to_stop(process)

    def ask_to_stop(self, process: psutil.Process | None) -> None:
        """Ask its process, if it has one yet, and leave a mark: one that ends by it, even while starting, has not
        failed. Raises OSError."""
        (self.folder / _STOP).touch()
        if process:
            processes.ask_to_stop(process)

    def wait(self, seconds: float) -> None:
        """Until it is active no more, but no longer than so."""
        deadline = time.monotonic() + seconds
        while (state := self.state) and state.active and time.monotonic() < deadline:
            time.sleep(0.1)

    @property
    def asked_to_stop(self) -> bool:
        """Whether someone has asked its process to stop, which may take a moment."""
        return (self.folder / _STOP).exists()

    def keep_reserve(self) -> None:
        """Set space aside for the last word about it. Raises OSError."""
        (self.folder / _RESERVE).write_bytes(b"\0" * _RESERVE_BYTES)

    def write(self, state: State) -> None:
        """Replace state.json whole; on a full disk the reserve, if one is kept, makes room for it. Raises OSError."""
        text = job_state.as_text(replace(state, updated=time.time()))
        try:
            write_whole(self.folder / _STATE, text)
        except OSError:
            (self.folder / _RESERVE).unlink(missing_ok=True)
            write_whole(self.folder / _STATE, text)

    def _lives(self, written: State) -> bool:
        if self.process():
            return True
        return self.noted_ns() is None and time.time() - written.updated < _START_SECONDS


def about(kind: str, *what: str) -> Job:
    """The job of a kind about something that has no folder of ours, such as a dataset."""
    key = hashlib.blake2b("\0".join(what).encode(), digest_size=8).hexdigest()
    return Job(paths.runs_dir() / _ABOUT / f"{kind}-{key}")


def start_once(job: Job, module: str, *arguments: str) -> None:
    """Start it unless it is at work already, also where two browsers ask at once. Raises UserError as `start` does."""
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(job.folder / _LOCK, timeout=_LOCK_SECONDS):
            state = job.state
            if state is None or not state.active:
                job.start(module, *arguments)
    except Timeout:
        raise UserError("This is being started already: look again in a moment.") from None
    except OSError as error:
        raise UserError(f"The work can't be started ({error.strerror}): free some space first.") from None


def end_about() -> None:
    """Stop every job that `about` names, and wait for its end: they can be started again, and little is lost."""
    for folder in sorted((paths.runs_dir() / _ABOUT).glob("*")):
        job = Job(folder)
        if process := job.process():
            job.ask_to_stop(process)
            processes.wait_for_end(process, _END_SECONDS)


class Reporter:
    """What the job's own process says about it, and hears: SIGTERM asks it to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._asked = False
        self._said = 0.0
        self._at_once = False
        signal.signal(signal.SIGTERM, self._ask)

    def say(self, state: State, force: bool = False) -> None:
        """Write how the job stands, but not more often than a reader can look, unless forced. Raises OSError."""
        if force or time.monotonic() - self._said >= _SAID_EVERY_SECONDS:
            self._said = time.monotonic()
            self._job.write(state)

    def check_stop(self) -> None:
        """Raises Stopped when someone has asked the job to stop."""
        if self._asked:
            raise Stopped

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within the block a stop does not wait for `check_stop`: for long work without steps, by which nothing is
        lost. Raises Stopped."""
        self.check_stop()
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True
        if self._at_once:
            raise Stopped


def work(job: Job, task: Callable[[Progress], str]) -> None:
    """What the started process does: run the task, which tells its progress and returns its last word, and leave every
    outcome in the job's folder. SIGTERM stops the task at its next word of progress."""
    reporter = Reporter(job)

    def tell(message: str, done: int, total: int) -> None:
        reporter.check_stop()
        share = done / total if total else 0.0
        reporter.say(State("running", message, progress=share, done=done, total=total), force=done == total)

    def begun() -> str:
        tell("Starting", 0, 0)
        return task(tell)

    status, message = outcome(begun)
    whole = int(status == "finished")
    job.write(State(status, message, progress=whole, done=whole, total=whole))


def outcome(task: Callable[[], str]) -> tuple[Status, str]:
    """How a task ended, whatever came of it, and its last word or what went wrong, for the user."""
    try:
        return "finished", task()
    except Stopped:
        return "stopped", ""
    except UserError as error:
        return "failed", str(error)
    except Exception as error:
        # The log may be on the disk that is full.
        with suppress(OSError):
            traceback.print_exc()
        return "failed", _sentence(error)


def _sentence(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(words in str(error) for words in _DISK_FULL):
        return "The disk is full: free some space, then resume or start again."
    return str(error) if number else f"{type(error).__name__}: {error}"
