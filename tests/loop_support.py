"""What the tests of the training loop share."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import nn

from core.config import TrainConfig
from core.data.dataset import FacePhotos
from core.data.preprocess import Preprocessing
from core.data.split import Row
from core.labels import THREE_CLASSES, Label
from core.networks.build import build
from core.training.compute import Compute
from core.training.feed import Feed
from core.training.loop import Training
from core.training.measuring import Measured, Tally

CPU = torch.device("cpu")


def face_photos(root: Path, counts: dict[Label, int]) -> FacePhotos:
    """So many photos per label."""
    rows = []
    for label, count in counts.items():
        names = sorted(path.name for path in (root / label).iterdir())[:count]
        rows += [Row(f"{label}/{name}", label, name, "train") for name in names]
    return FacePhotos(root, rows, THREE_CLASSES, Preprocessing(32))


def make_training(
    config: TrainConfig, train: FacePhotos, network: nn.Module | None = None, state: dict | None = None
) -> Training:
    torch.manual_seed(config.seed)
    network = network or build(config, 3)
    return Training(config, network, train, train, CPU, lambda share: None, state=state)


def measure(network: nn.Module, photos: FacePhotos, batch_size: int) -> Tally:
    compute = Compute(network, photos.preprocessing, photos.load(range(2)).pixels)
    return Measured(compute, Feed(photos, CPU), batch_size)()


def few_photos(faces: Path) -> FacePhotos:
    """Four photos a label."""
    return face_photos(faces, {Label.MASK: 4, Label.NO_MASK: 4, Label.WRONG_MASK: 4})


def run_and_remember(training: Training) -> dict[int, dict[str, torch.Tensor]]:
    """The weights after each epoch."""
    return {int(row["epoch"]): copy.deepcopy(training.network.state_dict()) for row in training.epochs()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, second[name]) for name, value in first.items())
