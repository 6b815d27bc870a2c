"""Our training as a user starts it: a real run in a home of its own, timed by the rows of its metrics.csv."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

from core.schema.errors import UserError
from core.schema.train_config import TrainConfig
from core.store import runs
from core.store.runs import Run
from core.training.lifecycle import launch

# The first epoch also decodes the photos. A run that is timed by its epochs is stopped after this many more, or sooner
# once the timed ones have taken this long.
_EPOCHS, _SECONDS = 4, 15.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Took:
    """`epoch`: seconds of an epoch after the first, validation and all else of it included; `first`: of the first one,
    which decodes the photos too; `whole`: seconds from the start of the process to the last epoch's end, `epochs` of
    them; `precision` that was computed in."""

    epoch: float
    first: float
    whole: float
    epochs: int
    precision: str


def steady(config: TrainConfig) -> Took:
    """Train for a few epochs of the config's many, then stop. Raises UserError when the run fails."""
    return _timed(config, stop_early=True)


def whole(config: TrainConfig) -> Took:
    """Train all of the config's epochs; what comes after the last one is not timed. Raises UserError on failure."""
    return _timed(config, stop_early=False)


def finished(config: TrainConfig) -> Run:
    """Train to the end and publish. Raises UserError when the run fails."""
    run = launch.start(config)
    while runs.get(run.id).state.active:
        time.sleep(_POLL_SECONDS)
    state = runs.get(run.id).state
    if state.status != "finished":
        raise UserError(f"{run.id} {state.status}: {state.message}")
    return runs.get(run.id)


def _timed(config: TrainConfig, stop_early: bool) -> Took:
    began = time.monotonic()
    run = launch.start(config)
    try:
        while not _enough(run, config, stop_early):
            if not run.state.active and len(run.metrics()) < config.epochs:
                raise UserError(f"{run.id} {run.state.status}: {run.state.message}\n{run.job.log_tail()}")
            time.sleep(_POLL_SECONDS)
        seconds = time.monotonic() - began
    finally:
        # A UserError: it is at its end already.
        with suppress(UserError):
            launch.stop(run)
    rows = run.metrics()
    taken = [row["seconds"] for row in rows]
    return Took(median(taken[1:] or taken), taken[0], seconds, len(rows), precision(run))


def _enough(run: Run, config: TrainConfig, stop_early: bool) -> bool:
    rows = run.metrics()
    later = [row["seconds"] for row in rows[1:]]
    early = stop_early and bool(later) and (len(later) >= _EPOCHS or sum(later) >= _SECONDS)
    return early or len(rows) >= config.epochs


def precision(run: Run) -> str:
    """What the run computed in, by its config or, where that says auto, by its log: bfloat16 where the frozen
    backbone or the rest did."""
    if run.config.precision != "auto":
        return run.config.precision
    log = run.job.log_file.read_text(encoding="utf-8")
    said = next(line for line in log.splitlines() if line.startswith("head="))
    return "bfloat16" if "bfloat16" in said or "bf16" in said else "float32"
