"""Whether other processes used the processors while something was measured: a time taken beside other work says little
about this machine."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

# How much of one processor others may use: what an idle desktop's own processes need.
_SHARE = 0.15
# The counters move in steps of 10 ms, so a shorter measurement is waited out, and two steps of any are no use.
_LEAST_SECONDS, _STEPS_SECONDS = 0.1, 0.02
# Waiting for a disk is no use of a processor, and a guest's time is in user's already; steal is other machines' work.
_BUSY = ("user", "nice", "system", "irq", "softirq", "steal")


@dataclass(frozen=True)
class Counters:
    """Seconds: on the clock, of all processors' work, and of this program's part of that."""

    at: float
    busy: float
    own: float


class Quiet:
    """`with Quiet() as quiet: measure()`; then `quiet.was` says whether others left the processors alone meanwhile.

    This program is this process and what it started in its own session; a trainer that was started to outlive it is
    another. The block lasts 0.1 s at least. Where the counters cannot tell, it was not quiet.
    """

    def __init__(self, read: Callable[[], Counters] | None = None) -> None:
        self.was = False
        self._read = read or counters

    def __enter__(self) -> Quiet:
        self._began = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(max(0.0, _LEAST_SECONDS - (time.perf_counter() - self._began.at)))
        began, ended = self._began, self._read()
        others = (ended.busy - began.busy) - (ended.own - began.own)
        # Less than nothing: they do not count what we think they count, as in some containers.
        self.was = abs(others) <= _SHARE * (ended.at - began.at) + _STEPS_SECONDS


def counters() -> Counters:
    """The counters as they stand now."""
    times = psutil.cpu_times()
    return Counters(time.perf_counter(), sum(getattr(times, name, 0.0) for name in _BUSY), _own())


def _own() -> float:
    ended = os.times()
    living = psutil.Process().children(recursive=True)
    return time.process_time() + ended.children_user + ended.children_system + sum(map(_of, living))


def _of(process: psutil.Process) -> float:
    """Seconds of a process and of those it has waited for; 0 in another session, or when it has just ended."""
    with contextlib.suppress(psutil.Error, OSError):
        if _session(process.pid) == _session(0):
            return sum(process.cpu_times()[:4])
    return 0.0


def _session(process: int) -> int:
    return os.getsid(process) if hasattr(os, "getsid") else 0
