"""How long a run took: all its sessions, however often it was resumed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch

from core.store import runs
from core.store.runs import Run
from core.training.lifecycle.session import Session
from tests.fixtures.support import tiny_config


class Asked(Exception):
    """The session is to stop."""


def session(run: Run, enough: Callable[[], bool]) -> float:
    """Train until it is enough, or to the end; returns the seconds that took."""

    def check() -> None:
        if enough():
            raise Asked

    began = time.monotonic()
    with suppress(Asked):
        Session(run, lambda state, force=False: None, check).train()
    return time.monotonic() - began


def test_a_run_that_was_resumed_twice_took_as_long_as_its_three_sessions(faces: Path):
    run = runs.create(tiny_config(faces, epochs=6), 3)
    asked = iter(range(10**6))
    first = session(run, lambda: len(run.metrics()) == 2)
    # In the middle of its third epoch: what was not kept is lost, and not counted.
    second = session(run, lambda: len(run.metrics()) == 4 and next(asked) > 1)
    assert len(run.metrics()) == 4
    third = session(run, lambda: False)
    took = run.report().seconds
    assert third + (first + second) / 2 < took < first + second + third
    assert took > sum(row["seconds"] for row in run.metrics())
    assert [row["epoch"] for row in run.metrics()] == [1, 2, 3, 4, 5, 6]


def test_a_checkpoint_of_the_last_release_goes_on_with_what_it_knows(faces: Path):
    run = runs.create(tiny_config(faces, epochs=3), 3)
    session(run, lambda: len(run.metrics()) == 2)
    rows, state = run.metrics(), torch.load(run.checkpoint_file, weights_only=True)
    torch.save({name: state[name] for name in state.keys() - {"seconds", "rows", "split"}}, run.checkpoint_file)
    (run.folder / "sums.json").unlink()
    third = session(run, lambda: False)
    assert run.metrics()[:2] == rows and len(run.metrics()) == 3
    assert sum(row["seconds"] for row in rows) < run.report().seconds < sum(row["seconds"] for row in rows) + third


def test_a_metrics_file_that_was_lost_is_whole_again_after_resuming(faces: Path):
    run = runs.create(tiny_config(faces, epochs=3), 3)
    session(run, lambda: len(run.metrics()) == 2)
    rows = run.metrics()
    run.metrics_file.write_bytes(run.metrics_file.read_bytes()[:150])
    session(run, lambda: False)
    assert run.metrics()[:2] == rows and len(run.metrics()) == 3
