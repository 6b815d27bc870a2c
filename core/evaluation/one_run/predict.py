"""Run a network over photos: probabilities in order, with damaged files set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

from core.data.dataset.scan import Refused
from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.networks.checkpoint import Trained
from core.schema.labels import Label

_BATCH = 64


def predict(
    trained: Trained, root: Path, rows: Sequence[Row], progress: Callable[[int, int], object] | None = None
) -> tuple[list[Row], np.ndarray, list[Refused]]:
    """(usable rows, calibrated probabilities (n, classes), files that could not be decoded)."""
    photos = FacePhotos(root, rows, trained.labels, trained.preprocessing)
    used: list[Row] = []
    parts: list[np.ndarray] = [np.zeros((0, len(trained.labels)))]
    for start in range(0, len(rows), _BATCH):
        batch = photos.load(range(start, min(start + _BATCH, len(rows))))
        used += [rows[item] for item in batch.items]
        if batch.items:
            parts.append(probabilities(trained, batch.pixels))
        if progress:
            progress(min(start + _BATCH, len(rows)), len(rows))
    return used, np.concatenate(parts), photos.lost


@torch.inference_mode()
def probabilities(trained: Trained, pixels: torch.Tensor) -> np.ndarray:
    """uint8 (N, 3, S, S) to calibrated probabilities (N, classes): the softmax of logits divided by the temperature
    (Guo et al., 2017), computed in float32 where the network is."""
    device = next(trained.network.parameters()).device
    # A GPU's convolutions would else have the ten bits of TF32.
    exact = torch.backends.cudnn.flags(enabled=True, allow_tf32=False) if device.type == "cuda" else nullcontext()
    with exact:
        logits = trained.network(trained.preprocessing.normalise(pixels.to(device)))
    return torch.softmax(logits.double() / trained.temperature, dim=1).cpu().numpy()


def decide(probability: np.ndarray, labels: Sequence[Label]) -> list[Label]:
    """The label of the highest probability in each row."""
    return [labels[index] for index in probability.argmax(axis=1)]
