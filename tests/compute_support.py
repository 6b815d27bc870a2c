"""What the tests of how a network is computed while it trains share."""

from __future__ import annotations

from pathlib import Path

import torch

from core.config import TrainConfig, make
from core.data.dataset import FacePhotos
from core.data.preprocess import Preprocessing
from core.data.split import Row
from core.labels import THREE_CLASSES
from core.networks.build import build
from core.training.loop import Training
from tests.support import labels_of

CPU = torch.device("cpu")
SIDE = 64


def config_of(backbone: str, mode: str = "not_retrain", **settings) -> TrainConfig:
    values = {"dataset": "-", "backbone": backbone, "mode": mode, "weights": "none", "image_size": SIDE}
    values |= {"wrong_mask": len(labels_of(backbone)) == 3, "precision": "float32", "batch_size": 8}
    return make(values | settings)


def network_of(config: TrainConfig) -> torch.nn.Module:
    """With BatchNorm statistics of noise, so that a photo's features differ from another's."""
    torch.manual_seed(0)
    network = build(config, 3 if config.wrong_mask else 2)
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        # All of the first batch's statistics are taken over.
        norm.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.randn(16, 3, SIDE, SIDE))
    for norm in norms:
        norm.momentum = 0.1
    return network


def six_photos_a_label(faces: Path) -> FacePhotos:
    rows = [
        Row(file.relative_to(faces).as_posix(), label, file.name, "train")
        for label in THREE_CLASSES
        for file in sorted((faces / label).iterdir())[:6]
    ]
    return FacePhotos(faces, rows, THREE_CLASSES, Preprocessing(SIDE))


def training(photos: FacePhotos, config: TrainConfig, state: dict | None = None) -> Training:
    return Training(config, network_of(config), photos, photos, CPU, lambda share: None, state=state)
