"""What the tests of training processes share: a home of their own, waiting, and one run that nobody disturbs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from core import runs, sweeps
from core.config import TrainConfig
from core.runs import METRICS, Run
from core.training import launch
from tests.support import broken_files, tiny_config, wait_for

# So many that a run is met in its middle, so few that it ends in seconds.
EPOCHS = 16
SECONDS = 240


@contextmanager
def house(folder: Path) -> Iterator[Path]:
    """A MASKLAB_HOME for as long as the block lasts; no trainer or driver outlives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(folder))
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("OMP_NUM_THREADS", "1")
        try:
            yield folder
        finally:
            for sweep in sweeps.every():
                if process := sweep.job.process():
                    process.kill()
            for run in runs.every():
                if process := run.job.process():
                    process.kill()
                    wait_for(lambda run=run: run.job.process() is None, 10)


def wait_until_over(run: Run) -> Run:
    wait_for(lambda: not run.state.active, SECONDS)
    return run


def wait_for_epoch(run: Run, epoch: int = 1) -> None:
    wait_for(lambda: len(run.metrics()) >= epoch or not run.state.active, SECONDS)
    assert run.state.status == "running", run.job.log_tail()


def long_config(folder: Path, **overrides) -> TrainConfig:
    return tiny_config(folder, **({"epochs": EPOCHS, "seed": 5} | overrides))


def final_weights(run: Run) -> dict[str, torch.Tensor]:
    """The weights after the last epoch and, with a prefix, those of the best one."""
    state = torch.load(run.checkpoint_file, weights_only=True)
    assert state["progress"]["epoch"] == run.config.epochs
    return state["network"] | {f"best.{name}": value for name, value in state["progress"]["best"].items()}


def assert_same_weights(run: Run, other: Run) -> None:
    first, second = final_weights(run), final_weights(other)
    assert first.keys() == second.keys()
    different = [name for name, value in first.items() if not torch.equal(value, second[name])]
    assert different == []


def assert_same_learning(run: Run, other: Run) -> None:
    learned = [name for name in METRICS if "seconds" not in name and "per_second" not in name]
    table, expected = ([[row[key] for key in learned] for row in one.metrics()] for one in (run, other))
    assert table == expected


@dataclass
class Finished:
    """A run that nobody disturbed, over photos of which some are broken."""

    home: Path
    run: Run
    broken: dict[str, str]
    status_at_once: str


@pytest.fixture(scope="session")
def finished_run(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(faces, folder / "faces")
    broken = broken_files(folder / "faces" / "no_mask")
    with house(folder / "home"):
        run = launch.start(long_config(folder / "faces"))
        status = run.state.status
        wait_until_over(run)
    return Finished(folder / "home", run, broken, status)
