"""How a run stands, and what lists show of its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.schema import run_report
from core.sealed import unseal

Status = Literal["queued", "running", "finished", "stopped", "failed"]
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True)
class State:
    """How a run stands. `message` is for the user; `progress` is 0..1 within all epochs; times in seconds (Unix)."""

    status: Status
    message: str = ""
    epoch: int = 0
    progress: float = 0.0
    seconds_left: float | None = None
    updated: float = 0.0
    started: float | None = None
    ended: float | None = None

    @property
    def active(self) -> bool:
        """Whether a process is at work or waiting for it."""
        return self.status in ACTIVE


@dataclass(frozen=True)
class Summary:
    """A finished run in a line: its labels, accuracies (0..1), and the test accuracy's 95 % interval by groups on
    `tested` photos."""

    labels: tuple[str, ...]
    model: str
    validation: float
    test: float
    interval: tuple[float, float]
    tested: int


def summary(text: str) -> Summary:
    """Of a report.json's text. Raises ValueError for one that is none."""
    report = run_report.parse(unseal(text))
    return Summary(
        labels=report.labels,
        model=report.model,
        validation=report.val.accuracy,
        test=report.test.accuracy,
        interval=report.test.accuracy_grouped_interval,
        tested=report.test.n,
    )
