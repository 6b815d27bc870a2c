"""An untrained network for tests that need a model file in a moment."""

from __future__ import annotations

from pathlib import Path

import torch

from core.data.preprocess import Preprocessing
from core.labels import THREE_CLASSES, Label
from core.networks import build, files
from core.networks.operating import OperatingPoint
from tests.support import tiny_config


def tiny_model(path: Path, labels: tuple[Label, ...] = THREE_CLASSES) -> Path:
    """Write an untrained network's model file: always the same answers, which mean nothing."""
    config = tiny_config(path.parent, wrong_mask=len(labels) == 3)
    torch.manual_seed(0)
    network = build.build(config, len(labels))
    path.parent.mkdir(parents=True, exist_ok=True)
    preprocessing, point = Preprocessing(config.image_size), OperatingPoint(0.5)
    files.save(path, files.Trained(path, network, config, labels, preprocessing, 1.5, point, None, frozenset()))
    return path
