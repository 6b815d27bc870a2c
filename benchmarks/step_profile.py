"""Where a training step's time goes: torch's profiler around a few steps of a real run's second epoch."""

from __future__ import annotations

from contextlib import suppress

import torch
from torch.profiler import ProfilerActivity, profile

from core.schema.train_config import TrainConfig
from core.store import runs
from core.store.job_state import State
from core.training.lifecycle.session import Session

_STEPS, _LINES = 4, 12


class _Enough(Exception):
    """So many steps were profiled."""


class _Watch:
    """Profiles from the first word of the second epoch on, until so many steps more have been done."""

    def __init__(self) -> None:
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
        self.profiler = profile(activities=activities)
        self._steps = -1

    def say(self, state: State, force: bool = False) -> None:
        """Takes the session's states: there is one after each step."""
        if state.epoch < 1:
            return
        self._steps += 1
        if self._steps == 0:
            self.profiler.start()
        if self._steps == _STEPS:
            self.profiler.stop()
            raise _Enough


def top(config: TrainConfig, classes: int) -> list[tuple[str, float, int]]:
    """(operator, share of the time 0..1, calls) of the dearest operators in steps of the config's training.

    Runs in this process, in a home of its own; the config needs at least two epochs of a few batches.
    """
    watch = _Watch()
    with suppress(_Enough):
        Session(runs.create(config, classes), watch.say, lambda: None).train()
    on_gpu = torch.cuda.is_available()
    events = watch.profiler.key_averages()
    spent = [(event.self_device_time_total if on_gpu else event.self_cpu_time_total) for event in events]
    found = [(event.key, own / sum(spent), event.count) for event, own in zip(events, spent, strict=True)]
    return sorted(found, key=lambda item: -item[1])[:_LINES]
