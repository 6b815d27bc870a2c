"""Loss and accuracy over photos: added up batch by batch, or measured in eval mode."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from core.data.dataset import FacePhotos


class Tally:
    """Running mean loss and accuracy over batches."""

    def __init__(self) -> None:
        self.count = self._right = 0
        self._loss = 0.0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, target: torch.Tensor) -> None:
        """Count a batch of logits (N, classes) with mean loss `loss`."""
        self.count += len(target)
        self._right += int((logits.argmax(dim=1) == target).sum())
        self._loss += float(loss.detach()) * len(target)

    @property
    def loss(self) -> float:
        """Mean loss a photo."""
        return self._loss / max(self.count, 1)

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0..1."""
        return self._right / max(self.count, 1)


@torch.inference_mode()
def measure(
    network: nn.Module, photos: FacePhotos, batch_size: int, device: torch.device, items: Sequence[int] | None = None
) -> Tally:
    """Unweighted loss and accuracy in eval mode, without augmentation, over these items or all of them."""
    network.eval()
    tally = Tally()
    items = range(len(photos)) if items is None else items
    for start in range(0, len(items), batch_size):
        pixels, target, _ = photos.load(items[start : start + batch_size])
        if not len(target):
            continue
        logits, wanted = network(photos.preprocessing.normalise(pixels.to(device))), target.to(device)
        tally.add(F.cross_entropy(logits, wanted), logits, wanted)
    return tally
