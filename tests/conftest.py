"""Every test has its own MASKLAB_HOME and datasets root; drawn faces are made once a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from core.data.synthetic.demo import make_dataset
from core.training.cost import probe
from core.training.cost.probe import Speed
from tests.fixtures.compare_fixtures import make_crowd
from tests.fixtures.speeds import SPEED


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """runs/, models/ and datasets/ of this test alone; few threads, here and in processes that it starts."""
    monkeypatch.setenv("MASKLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MASKLAB_DATA", str(tmp_path / "datasets"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "datasets").mkdir()
    torch.set_num_threads(1)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn three-class dataset: 20 faces per label of 12 people. Shared: copy it before changing it."""
    return make_dataset(tmp_path_factory.mktemp("drawn") / "faces", per_class=20, people=12, seed=0)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 pictures per label, enough to compare runs on: half of them are tested. Shared: copy it before changing it."""
    return make_crowd(tmp_path_factory.mktemp("crowd") / "photos", per_class=40)


@pytest.fixture
def known_speed(monkeypatch: pytest.MonkeyPatch) -> Speed:
    """A machine that has been measured: a trial takes seconds, and test_estimate.py has real ones."""
    monkeypatch.setattr(probe, "measure", lambda config, wanted: SPEED)
    return SPEED


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of real photos that MASKLAB_PHOTOS names; the test is skipped without one."""
    folder = os.environ.get("MASKLAB_PHOTOS")
    if not folder:
        pytest.skip("MASKLAB_PHOTOS names no folder of real photos")
    return Path(folder)
