"""The training loop. All that is random in an epoch follows from (seed, epoch), so that a resumed run is the same."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from core.config import TrainConfig
from core.data import augment
from core.data.dataset import FacePhotos
from core.errors import UserError
from core.networks.build import train_mode


@dataclass
class Progress:
    """Where training stands after an epoch: enough to go on from. `best` is the state_dict of the best epoch."""

    epoch: int = 0
    best_epoch: int = 0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    best_train_accuracy: float = 0.0
    best: dict[str, torch.Tensor] = field(default_factory=dict)


@dataclass
class Training:
    """What the loop works on. `step_done` is called after each batch with the share of the epoch that is done."""

    config: TrainConfig
    network: nn.Module
    optimizer: torch.optim.Optimizer
    train: FacePhotos
    val: FacePhotos
    device: torch.device
    step_done: Callable[[float], None]
    progress: Progress = field(default_factory=Progress)

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train to the end, yielding a row of metrics after each epoch; stops early when patience has run out."""
        config, progress = self.config, self.progress
        weight = class_weights(self.train, self.device) if config.class_weighting else None
        while progress.epoch < config.epochs and not self._out_of_patience():
            started = time.monotonic()
            epoch = progress.epoch + 1
            generator = seeded(config.seed, epoch)
            train_mode(self.network)
            train = Tally()
            rate = self._set_rate(0.0)
            for pixels, target in self.batches(generator):
                self._set_rate(train.count / len(self.train))
                images = self._prepare(pixels, generator)
                logits = self.network(images)
                loss = F.cross_entropy(logits, target, weight)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                train.add(loss, logits, target)
                self.step_done(train.count / len(self.train))
            if not math.isfinite(train.loss):
                raise UserError("The loss is no longer a number: lower the learning rate and start again.")
            val = measure(self.network, self.val, config.batch_size, self.device)
            progress.epoch = epoch
            self._keep_best(train, val)
            seconds = time.monotonic() - started
            yield {
                "epoch": epoch, "train_loss": train.loss, "train_accuracy": train.accuracy, "val_loss": val.loss,
                "val_accuracy": val.accuracy, "learning_rate": rate,
                "seconds": seconds, "images_per_second": train.count / seconds,
                "seconds_left": seconds * (config.epochs - epoch),
            }  # fmt: skip

    def batches(self, generator: torch.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Shuffled batches of (uint8 (N, 3, S, S), target (N,)) on the device."""
        order = torch.randperm(len(self.train), generator=generator).tolist()
        if len(order) % self.config.batch_size == 1 and len(order) > 1:
            # BatchNorm has no variance to measure in a batch of one.
            order.pop()
        for start in range(0, len(order), self.config.batch_size):
            pixels, target = self.train.load(order[start : start + self.config.batch_size])
            if len(target) > 1:
                yield pixels.to(self.device), target.to(self.device)

    def first_batch(self) -> torch.Tensor:
        """The first epoch's first batch as the network sees it, but unstandardised: float (N, 3, S, S) in 0..1."""
        generator = seeded(self.config.seed, 1)
        pixels, _ = next(self.batches(generator))
        images = self.train.preprocessing.scale(pixels)
        return augment.warp(images, augment.sample(len(images), generator)) if self.config.augment else images

    def state(self) -> dict[str, Any]:
        """Everything a checkpoint needs."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def _set_rate(self, share: float) -> float:
        """The learning rate after this share of the running epoch: cosine annealing without restarts (Loshchilov and
        Hutter, 2017), a function of the place in training alone, so that a resumed run follows the same curve."""
        rate = self.config.learning_rate
        if self.config.schedule == "cosine":
            rate *= (1 + math.cos(math.pi * (self.progress.epoch + share) / self.config.epochs)) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _prepare(self, pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        images = self.train.preprocessing.scale(pixels)
        if self.config.augment:
            images = augment.warp(images, augment.sample(len(images), generator))
        return self.train.preprocessing.standardise(images)

    def _keep_best(self, train: Tally, val: Tally) -> None:
        progress = self.progress
        # Asked this way round, a loss that is not a number is never the better one.
        if not (val.accuracy, -val.loss) > (progress.best_accuracy, -progress.best_loss):
            return
        progress.best_epoch, progress.best_accuracy, progress.best_loss = progress.epoch, val.accuracy, val.loss
        progress.best_train_accuracy = train.accuracy
        progress.best = copy.deepcopy(self.network.state_dict())

    def _out_of_patience(self) -> bool:
        waited = self.progress.epoch - self.progress.best_epoch
        return 0 < self.config.patience <= waited


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
def measure(network: nn.Module, photos: FacePhotos, batch_size: int, device: torch.device) -> Tally:
    """Unweighted loss and accuracy in eval mode, without augmentation."""
    network.eval()
    tally = Tally()
    for start in range(0, len(photos), batch_size):
        pixels, target = photos.load(range(start, min(start + batch_size, len(photos))))
        if not len(target):
            continue
        logits, wanted = network(photos.preprocessing.normalise(pixels.to(device))), target.to(device)
        tally.add(F.cross_entropy(logits, wanted), logits, wanted)
    return tally


def make_optimizer(config: TrainConfig, network: nn.Module) -> torch.optim.Optimizer:
    """The config's optimizer over what is trained."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, config.learning_rate, momentum=0.9)
    return torch.optim.Adam(parameters, config.learning_rate)


def class_weights(photos: FacePhotos, device: torch.device) -> torch.Tensor:
    """n / (classes * n_label) a label, float32 (classes,): King and Zeng's "balanced" weights (2001)."""
    count = torch.bincount(torch.tensor(photos.targets)).float()
    return (count.sum() / (len(count) * count)).to(device)


def seeded(seed: int, epoch: int) -> torch.Generator:
    """The epoch's generator; dropout, which draws from torch's global one, is seeded alike."""
    value = seed * 100_003 + epoch
    torch.manual_seed(value)
    return torch.Generator().manual_seed(value)
