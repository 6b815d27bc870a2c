"""The background process of one run: `python -m core.training.worker RUN_FOLDER`.

Waits for the machine, trains, and leaves every outcome in the run folder.
"""

from __future__ import annotations

import errno
import signal
import sys
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType

from filelock import AcquireReturnProxy, FileLock, Timeout

from core import runs
from core.errors import UserError
from core.runs import Run, State

_STATE_EVERY_SECONDS = 0.7
# torch.save's words for a disk that takes no more (it raises RuntimeError).
_DISK_FULL = ("No space left", "file write failed", "unexpected pos")


class Stopped(Exception):
    """Someone asked the run to stop."""


class Worker:
    """One run from queue to end."""

    def __init__(self, run: Run) -> None:
        self.run, self.config = run, run.config
        self._stop = False
        self._said = 0.0
        self._before: Run | None = None
        self.started: float | None = None
        signal.signal(signal.SIGTERM, self._asked_to_stop)

    def work(self) -> None:
        """Wait for the machine and train; whatever happens ends in state.json."""
        try:
            with self._machine():
                self.started = time.time()
                # Only now: a study's waiting runs should not each hold torch in memory.
                model = import_module("core.training.session").Session(self.run, self.say, self.check_stop).train()
                self._end("finished", f"Published as {model.name}")
        except Stopped:
            self._end("stopped", runs.STOPPED)
        except UserError as error:
            self._end("failed", str(error))
        except Exception as error:
            # The log may be on the disk that is full.
            with suppress(OSError):
                traceback.print_exc()
            self._end("failed", _sentence(error))

    def say(self, state: State, force: bool = False) -> None:
        """Write how the run stands, but not more often than a reader can look, unless forced."""
        if not force and time.monotonic() - self._said < _STATE_EVERY_SECONDS:
            return
        self._said = time.monotonic()
        self.run.write_state(State(**{**vars(state), "started": self.started}))

    def check_stop(self) -> None:
        """Raises Stopped when someone has asked the run to stop."""
        if self._stop:
            raise Stopped

    def _machine(self) -> AcquireReturnProxy[FileLock]:
        """The lock of the machine, once it is this run's turn: first come, first served. Its block gives it back."""
        lock = FileLock(runs.lock_file())
        while True:
            self.check_stop()
            if ahead := self._ahead():
                self.say(State("queued", f"Waiting for {ahead.id}"))
            else:
                try:
                    return lock.acquire(timeout=0.2)
                except Timeout:
                    self.say(State("queued", "Waiting for the machine"))
            time.sleep(0.3)

    def _ahead(self) -> Run | None:
        # Its process may not have been noted yet: others then come first, until it is.
        own = self.run.place or (sys.maxsize, self.run.id)
        # While the run that was first is still there, the others need not be read again: many may be waiting.
        if self._before is None or not self._waits(self._before, own):
            others = [run for run in runs.every() if self._waits(run, own)]
            self._before = min(others, key=lambda run: run.place or own, default=None)
        return self._before

    def _waits(self, run: Run, own: tuple[int, str]) -> bool:
        """Whether a run is active and comes before this one, which it no longer does once it was resumed."""
        place = run.place
        return place is not None and place < own and run.state.active

    def _end(self, status: runs.Status, message: str) -> None:
        epoch = 0
        # Rows that can't be read must not hide how it ended.
        with suppress(UserError):
            epoch = len(self.run.metrics())
        progress = 1.0 if status == "finished" else epoch / self.config.epochs
        ended = time.time()
        self.run.write_state(
            State(status, message, epoch=epoch, progress=progress, started=self.started, ended=ended)
        )
        with suppress(OSError):
            print(f"{status}: {message}", flush=True)

    def _asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop = True


def _sentence(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(words in str(error) for words in _DISK_FULL):
        return "The disk is full: free some space, then resume."
    return str(error) if number else f"{type(error).__name__}: {error}"


def main() -> None:
    """Entry of the background process."""
    Worker(Run(Path(sys.argv[1]))).work()


if __name__ == "__main__":
    main()
