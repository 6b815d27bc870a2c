"""Watch a run from the terminal: a line per epoch, a live line within it, and what was refused."""

from __future__ import annotations

import time

from core.cli.terminal.console import LiveLine, percent
from core.store.job_state import State
from core.store.runs import Run
from core.text.numbers import clock

_LOOK_EVERY_SECONDS = 0.3
_REFUSED_SHOWN = 5


class Follower:
    """Prints what a run does, on stderr. Epochs up to `after` are not repeated."""

    def __init__(self, run: Run, after: int = 0) -> None:
        self._run, self._line = run, LiveLine()
        self._epoch = after
        self._message = ""
        self._listed = False

    def wait(self) -> State:
        """Follow the run until it is queued or running no more; returns how it ended."""
        try:
            while True:
                # The state is read first: what stands on disk once it has ended is then complete.
                state = self._run.state
                self._tell(state)
                if not state.active:
                    return state
                time.sleep(_LOOK_EVERY_SECONDS)
        finally:
            self._line.clear()

    def _tell(self, state: State) -> None:
        if not self._listed and (state.progress > 0 or not state.active):
            self._list_refused()
        self._list_epochs()
        if state.status == "queued" and state.message != self._message:
            self._line.say(state.message)
        self._message = state.message
        if state.active:
            self._line.show(_progress(state))

    def _list_epochs(self) -> None:
        for row in self._run.metrics():
            if row["epoch"] > self._epoch:
                self._epoch = int(row["epoch"])
                self._line.say(_epoch(row, self._run.config.epochs))

    def _list_refused(self) -> None:
        self._listed = True
        say_refused(self._line, self._run.refused(), f"all of them are in {self._run.refused_file}")


def say_refused(line: LiveLine, refused: list[dict[str, str]], where: str) -> None:
    """The number of refused files, the first few with their reasons, and where the others can be read."""
    if not refused:
        return
    line.say(f"Unreadable files: {len(refused)}")
    for item in refused[:_REFUSED_SHOWN]:
        line.say(f"  {item['file']}: {item['reason']}")
    if len(refused) > _REFUSED_SHOWN:
        line.say(f"  and {len(refused) - _REFUSED_SHOWN} more; {where}")


def _epoch(row: dict[str, float], epochs: int) -> str:
    return (
        f"epoch {int(row['epoch'])}/{epochs}: training loss {row['train_loss']:.4f}, "
        f"accuracy {percent(row['train_accuracy'])} ({percent(row['measured_train_accuracy'])} without augmentation); "
        f"validation loss {row['val_loss']:.4f}, accuracy {percent(row['val_accuracy'])}; "
        f"{row['seconds']:.1f} s, {clock(row['seconds_left'])} left"
    )


def _progress(state: State) -> str:
    if state.progress == 0:
        return state.message
    left = f", {clock(state.seconds_left)} left" if state.seconds_left is not None else ""
    return f"{state.message}: {state.progress:.0%} of the training{left}"
