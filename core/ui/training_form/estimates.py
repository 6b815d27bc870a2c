"""Estimates of what a training costs, made in the background: one may need a trial of some seconds, and no page waits
for that. A trial ends when nobody asks for it any more, or a training begins."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from core.schema.train_config import TrainConfig
from core.store import runs
from core.training.cost import estimate
from core.training.cost.estimate import Cost
from core.training.cost.probe import Unwanted

# How long a page waits: what an earlier run or a kept measurement tells is there by then.
_PATIENCE = 0.3
_FRESH_SECONDS = 30
# Who asked for an estimate asks again each second; after this time nobody wants it any more.
_WANTED_SECONDS = 5
_MOST = 256


class Measuring(Exception):
    """The estimate is not there yet: ask again in a second."""


class Waiting(Measuring):
    """It needs a measurement, for which a training leaves no room: ask again later."""


class _Trials:
    """One trial at a time, or each would measure the others."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="estimate")
        self._known: dict[str, tuple[float, Future[Cost]]] = {}
        self._told: dict[str, Cost] = {}
        self._asked: dict[str, float] = {}

    def ask(self, config: TrainConfig, photos: int, classes: int, patience: float = _PATIENCE) -> Cost:
        key, now = f"{config.model_dump_json()} {photos} {classes}", time.monotonic()
        begun, future = self._known.get(key, (0.0, None))
        self._asked[key] = now
        if future is None or (future.done() and (now - begun > _FRESH_SECONDS or _forgotten(future))):
            future = self._pool.submit(self._estimate, key, config, photos, classes)
            self._known[key] = (now, future)
            while len(self._known) > _MOST:
                oldest = next(iter(self._known))
                self._known.pop(oldest)
                self._asked.pop(oldest, None)
                self._told.pop(oldest, None)
        try:
            found = self._told[key] = future.result(timeout=patience)
        except (TimeoutError, Unwanted):
            # What was said before stands until a newer one is there.
            if key in self._told:
                return self._told[key]
            raise (Waiting if _training() else Measuring) from None
        return found

    def _estimate(self, key: str, config: TrainConfig, photos: int, classes: int) -> Cost:
        def wanted() -> bool:
            return time.monotonic() - self._asked.get(key, 0.0) <= _WANTED_SECONDS and not _training()

        return estimate.estimate(config, photos, classes, wanted)


def ask(config: TrainConfig, photos: int, classes: int, patience: float = _PATIENCE) -> Cost:
    """What a training on so many photos and labels will cost; waits `patience` seconds for it. Raises Measuring while
    that is found out, and UserError where it can't be."""
    return _trials().ask(config, photos, classes, patience)


@st.cache_resource
def _trials() -> _Trials:
    return _Trials()


def _forgotten(future: Future[Cost]) -> bool:
    return isinstance(future.exception(), Unwanted)


def _training() -> bool:
    """Whether a training has the machine, or is about to: it comes first, and a measurement beside it says little."""
    return any(run.state.active for run in runs.every())
