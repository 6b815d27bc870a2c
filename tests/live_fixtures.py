"""Networks for the live tests: an untrained one in a moment, and one that knows drawn faces in under a minute."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import paths
from core.data.demo import make_dataset
from core.data.preprocess import Preprocessing
from core.labels import THREE_CLASSES, Label
from core.networks import build, files
from core.networks.operating import OperatingPoint
from core.training import launch
from tests.support import tiny_config, wait_for


def tiny_model(path: Path, labels: tuple[Label, ...] = THREE_CLASSES) -> Path:
    """Write an untrained network's model file: always the same answers, which mean nothing."""
    config = tiny_config(path.parent, wrong_mask=len(labels) == 3)
    torch.manual_seed(0)
    network = build.build(config, len(labels))
    path.parent.mkdir(parents=True, exist_ok=True)
    preprocessing, point = Preprocessing(config.image_size), OperatingPoint(0.5)
    files.save(path, files.Trained(path, network, config, labels, preprocessing, 1.5, point, {}, frozenset()))
    return path


@pytest.fixture(scope="session")
def drawn_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file trained on drawn faces, mask against no_mask, by the real background process."""
    root = tmp_path_factory.mktemp("drawn_model")
    faces = make_dataset(root / "faces", per_class=100, people=50, seed=7, labels=("mask", "no_mask"))
    config = tiny_config(faces, image_size=64, epochs=10, batch_size=16, learning_rate=1e-3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(root / "home"))
        run = launch.start(config)
        state = wait_for(lambda: None if run.state.active else run.state, 240)
        assert state.status == "finished", run.log_tail()
        return next(paths.models_dir().glob("*.pth"))
