"""The background process of one run: `python -m core.training.lifecycle.worker RUN_FOLDER`.

Waits for the machine, trains, and leaves every outcome in the run folder.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock

from core.schema.errors import UserError
from core.store import jobs, locks, runs
from core.store.job_state import State, Status
from core.store.jobs import Reporter
from core.store.runs import Run


class Worker:
    """One run from queue to end."""

    def __init__(self, run: Run) -> None:
        self.run, self.config = run, run.config
        self._reporter = Reporter(run.job)
        self._before: Run | None = None
        self.started: float | None = None

    def work(self) -> None:
        """Wait for the machine and train; whatever happens ends in state.json."""
        status, message = jobs.outcome(self._train)
        self._end(status, runs.STOPPED if status == "stopped" else message)

    def say(self, state: State, force: bool = False) -> None:
        """Write how the run stands, but not more often than a reader can look, unless forced."""
        self._reporter.say(replace(state, started=self.started), force)

    def check_stop(self) -> None:
        """Raises Stopped when someone has asked the run to stop."""
        self._reporter.check_stop()

    def _train(self) -> str:
        with self._machine():
            self.started = time.time()
            with self._reporter.at_once():
                # Only now: a study's waiting runs should not each hold torch in memory.
                session = import_module("core.training.lifecycle.session")
            model = session.Session(self.run, self.say, self.check_stop, self._reporter.at_once).train()
            return f"Saved as {model.name}"

    def _machine(self) -> AcquireReturnProxy[FileLock]:
        """The lock of the machine, once it is this run's turn: first come, first served. Its block gives it back."""

        def first() -> bool:
            self.check_stop()
            return self._ahead() is None

        def wait() -> None:
            self.say(State("queued", f"Waiting for {self._before.name if self._before else 'the machine'}"))

        return locks.in_turn(runs.lock_file(), wait, first)

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

    def _end(self, status: Status, message: str) -> None:
        epoch = 0
        # Rows that can't be read must not hide how it ended.
        with suppress(UserError):
            epoch = len(self.run.metrics())
        progress = 1.0 if status == "finished" else epoch / self.config.epochs
        ended = time.time()
        self.run.job.write(State(status, message, epoch=epoch, progress=progress, started=self.started, ended=ended))
        with suppress(OSError):
            print(f"{status}: {message}", flush=True)


def main() -> None:
    """Entry of the background process."""
    Worker(Run(Path(sys.argv[1]))).work()


if __name__ == "__main__":
    main()
