"""The training loop. All that is random in an epoch follows from (seed, epoch), so that a resumed run is the same."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from core.config import TrainConfig
from core.data import augment
from core.data.dataset import Batch, FacePhotos
from core.data.marks import Marks
from core.data.robust import degrade
from core.errors import UserError
from core.labels import Label
from core.networks.build import train_mode
from core.training.measuring import Tally, measure

# Training photos that are measured again after each epoch. So many show 90 % to four points either way, and cost a
# fifth more time at most where there are 700 training photos, a twentieth where there are 2,700.
MEASURED_AGAIN = 256


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
    """What the loop works on. `step_done` is called after each batch with the share of the epoch that is done; `marks`
    tell where the face of a training file is, for robust training."""

    config: TrainConfig
    network: nn.Module
    optimizer: torch.optim.Optimizer
    train: FacePhotos
    val: FacePhotos
    device: torch.device
    step_done: Callable[[float], None]
    marks: Mapping[str, Marks | None] = field(default_factory=dict)
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
            for batch in self.batches(generator):
                self._set_rate(train.count / len(self.train))
                target = batch.target.to(self.device)
                logits = self.network(self.train.preprocessing.standardise(self._shown(batch, generator)))
                loss = F.cross_entropy(logits, target, weight)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                train.add(loss, logits, target)
                self.step_done(train.count / len(self.train))
            if not math.isfinite(train.loss):
                raise UserError("The loss is no longer a number: lower the learning rate and start again.")
            again = measure(self.network, self.train, config.batch_size, self.device, self.measured_again)
            val = measure(self.network, self.val, config.batch_size, self.device)
            progress.epoch = epoch
            self._keep_best(train, val)
            seconds = time.monotonic() - started
            yield {
                "epoch": epoch, "train_loss": train.loss, "train_accuracy": train.accuracy,
                "measured_train_loss": again.loss, "measured_train_accuracy": again.accuracy,
                "val_loss": val.loss, "val_accuracy": val.accuracy, "learning_rate": rate,
                "seconds": seconds, "images_per_second": train.count / seconds,
                "seconds_left": seconds * (config.epochs - epoch),
            }  # fmt: skip

    @cached_property
    def measured_again(self) -> list[int]:
        """The training items, the same after each epoch, whose accuracy is measured as validation's is."""
        generator = torch.Generator().manual_seed(self.config.seed)
        return torch.randperm(len(self.train), generator=generator)[:MEASURED_AGAIN].tolist()

    def batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """Shuffled batches, as they were read."""
        order = torch.randperm(len(self.train), generator=generator).tolist()
        if len(order) % self.config.batch_size == 1 and len(order) > 1:
            # BatchNorm has no variance to measure in a batch of one.
            order.pop()
        for start in range(0, len(order), self.config.batch_size):
            batch = self.train.load(order[start : start + self.config.batch_size])
            if len(batch.items) > 1:
                yield batch

    def first_batch(self) -> torch.Tensor:
        """The first epoch's first batch as the network sees it, but unstandardised: float (N, 3, S, S) in 0..1."""
        generator = seeded(self.config.seed, 1)
        return self._shown(next(self.batches(generator)), generator)

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

    def _shown(self, batch: Batch, generator: torch.Generator) -> torch.Tensor:
        """The batch degraded and warped as the config says, on the device: float32 (N, 3, S, S) in 0..1."""
        pixels = batch.pixels
        if self.config.robust:
            marks = [self.marks.get(self.train.rows[item].file) for item in batch.items]
            pixels = degrade(pixels, batch.target, self.train.labels.index(Label.NO_MASK), marks, generator)
        images = self.train.preprocessing.scale(pixels.to(self.device))
        if self.config.augment:
            images = augment.warp(images, augment.sample(len(images), generator))
        return images

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
