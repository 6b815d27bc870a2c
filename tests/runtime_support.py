"""What the tests of the runtimes share."""

from __future__ import annotations

from pathlib import Path

import torch

from core import config as configs
from core.data.preprocess import Preprocessing
from core.networks import files
from core.networks.build import build
from core.networks.operating import OperatingPoint
from tests.result_fixtures import reported
from tests.support import labels_of


def untrained(path: Path, backbone: str, size: int = 64) -> files.Trained:
    """A model file with random weights, whose BatchNorm has seen something, as a trained one's has."""
    labels = labels_of(backbone)
    config = configs.make({"dataset": "x", "backbone": backbone, "weights": "none", "image_size": size, "wrong_mask":
                           len(labels) == 3})  # fmt: skip
    torch.manual_seed(3)
    network = build(config, len(labels)).train()
    with torch.no_grad():
        network(torch.randn(8, 3, size, size))
    preprocessing, report = Preprocessing(size, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)), reported(labels)
    files.save(path, files.Trained(path, network, config, labels, preprocessing, 1.3, OperatingPoint(0.4), report,
                                   frozenset()))  # fmt: skip
    return files.load(path)
