"""How a job stands: a run, a sweep or a stress suite. The one state that state.json holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from core.store.files.checked_json import seal, unseal

Status = Literal["queued", "running", "finished", "stopped", "failed"]
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True)
class State:
    """How a job stands. `message` is for the user; `epoch` epochs of a run are finished, `done` of `total` steps of
    another job; `progress` is the share of the whole, 0..1; times in seconds (Unix)."""

    status: Status
    message: str = ""
    epoch: int = 0
    progress: float = 0.0
    seconds_left: float | None = None
    updated: float = 0.0
    started: float | None = None
    ended: float | None = None
    done: int = 0
    total: int = 0

    @property
    def active(self) -> bool:
        """Whether a process is at work or waiting for it."""
        return self.status in ACTIVE


def as_text(state: State) -> str:
    """What state.json holds: without what its sort of job has no use for, so that a run's is as it ever was."""
    default = asdict(State(state.status))
    return seal({name: value for name, value in asdict(state).items() if name == "status" or value != default[name]})


def of_text(text: str) -> State:
    """The state in a state.json. Raises ValueError or TypeError where it is none, or not the one that was written."""
    return State(**unseal(text))
