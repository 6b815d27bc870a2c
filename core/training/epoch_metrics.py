"""Loss and accuracy over photos: added up batch by batch, or measured in eval mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch.nn import functional as F

from core.training.batches import Feed
from core.training.compute import Compute

# Features of photos that are evaluated after each epoch, by the frozen backbone, are cached up to this size.
KEPT_BYTES = 1 << 29


class Tally:
    """Running mean loss and accuracy over batches."""

    def __init__(self) -> None:
        self.count = 0
        # Kept where they were computed: asking a GPU for a number makes it wait.
        self._right: torch.Tensor | int = 0
        self._loss: torch.Tensor | float = 0.0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, target: torch.Tensor) -> None:
        """Count one batch of logits (N, classes) with mean loss `loss`."""
        self.count += len(target)
        self._right = self._right + (logits.detach().argmax(dim=1) == target).sum()
        self._loss = self._loss + loss.detach().double() * len(target)

    @property
    def loss(self) -> float:
        """Mean loss per photo."""
        return float(self._loss) / max(self.count, 1)

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0..1."""
        return int(self._right) / max(self.count, 1)


class Measured:
    """Photos whose unweighted loss and accuracy are measured in eval mode, without augmentation, again and again."""

    def __init__(self, compute: Compute, feed: Feed, batch_size: int, items: Sequence[int] | None = None) -> None:
        self._compute, self._feed, self._batch_size = compute, feed, batch_size
        self._items = range(len(feed.photos)) if items is None else items
        self._kept: list[tuple[torch.Tensor, torch.Tensor]] | None = None

    def __len__(self) -> int:
        return len(self._items)

    @torch.no_grad()
    def __call__(self, batch_done: Callable[[int], object] = lambda done: None) -> Tally:
        """Loss and accuracy of the network as it is now; `batch_done` is called after each batch with photos done."""
        self._compute.network.eval()
        tally = Tally()
        for features, target in self._kept if self._kept is not None else self._computed():
            logits = self._compute.logits(features)
            tally.add(F.cross_entropy(logits, target), logits, target)
            batch_done(tally.count)
        return tally

    def _computed(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        kept, size = [], 0
        for start in range(0, len(self._items), self._batch_size):
            pixels, target, _ = self._feed.batch(self._items[start : start + self._batch_size])
            if not len(target):
                continue
            features = self._compute.features(pixels)
            if len(self._compute.frozen):
                features = self._kept_kind(features)
                size += features.nbytes
                if size <= KEPT_BYTES:
                    kept.append((features, target))
            yield features, target
        if len(self._compute.frozen) and size <= KEPT_BYTES:
            self._kept = kept

    def _kept_kind(self, features: torch.Tensor) -> torch.Tensor:
        """A copy, in half the space where what follows calculates in bfloat16 anyway."""
        rough = self._compute.chosen.precision == "bfloat16"
        return features.to(torch.bfloat16 if rough else torch.float32, copy=True)
