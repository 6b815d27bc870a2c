"""The training loop. All that is random in an epoch follows from (seed, epoch), so that a resumed run is the same."""

from __future__ import annotations

import copy
import inspect
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn import functional as F

from core.data.augment import affine, worn_masks
from core.data.augment.robust import degrade
from core.data.dataset.torch_dataset import Batch, FacePhotos
from core.data.faces.landmarks import Marks
from core.schema.errors import UserError
from core.schema.train_config import MEASURED_AGAIN, TrainConfig
from core.training import cached_features
from core.training.averaging import Average
from core.training.batches import Feed
from core.training.cached_features import Views
from core.training.compute import PROBES, Chosen, Compute
from core.training.epoch_metrics import Measured, Tally

Sort = TypeVar("Sort", bound=torch.optim.Optimizer)


@dataclass
class Progress:
    """Where training stands after an epoch: enough to go on from. `best` is what training changes of the best
    epoch's state_dict."""

    epoch: int = 0
    best_epoch: int = 0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    best_train_accuracy: float = 0.0
    best: dict[str, torch.Tensor] = field(default_factory=dict)


class Training:
    """What the loop works on. `step_done` is called after each batch with the share of the epoch that is done,
    `look_done` with photos done and photos in all while cached augmented features are computed, and `evaluated` with
    the same after each batch that is evaluated at an epoch's end; `marks` tell where the face of a training file is,
    for robust training and drawn masks. `state` is a checkpoint's, to go on from.

    Raises UserError for a checkpoint of another network.
    """

    def __init__(
        self, config: TrainConfig, network: nn.Module, train: FacePhotos, val: FacePhotos, device: torch.device,
        step_done: Callable[[float], None], marks: Mapping[str, Marks | None] | None = None,
        state: dict[str, Any] | None = None, look_done: Callable[[int, int], object] = lambda done, total: None,
        evaluated: Callable[[int, int], object] = lambda done, total: None,
    ) -> None:  # fmt: skip
        self.config, self.network, self.train, self.val = config, network.to(device), train, val
        self.device, self.step_done, self.look_done, self.marks = device, step_done, look_done, marks or {}
        self.evaluated = evaluated
        self.progress = Progress()
        self._views: Views | None = None
        self.feed = Feed(train, device)
        known = Chosen(**state["chosen"]) if state else None
        self.compute = Compute(self.network, train.preprocessing, self._probes(), config.precision, known)
        self.optimizer = make_optimizer(config, self.network)
        if state:
            self._restore(state)
        self._average = self._make_average(state) if config.average_weights else None
        self._again = Measured(self.compute, self.feed, config.batch_size, self.measured_again)
        self._val = Measured(self.compute, Feed(val, device), config.batch_size)

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train to the end, yielding a row of metrics after each epoch; stops early when patience has run out."""
        config, progress = self.config, self.progress
        weight = class_weights(self.train, self.device) if config.class_weighting else None
        started = time.monotonic()
        while progress.epoch < config.epochs and not self._out_of_patience():
            epoch = progress.epoch + 1
            generator = seeded(config.seed, epoch)
            train = Tally()
            rate = self._set_rate(0.0)
            self._views_made()
            self.compute.train()
            for features, target in self.inputs(generator):
                self._set_rate(train.count / len(self.train))
                logits = self.compute.logits(features)
                loss = F.cross_entropy(logits, target, weight, label_smoothing=config.label_smoothing)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                if self._average:
                    self._average.update()
                train.add(loss, logits, target)
                self.step_done(train.count / len(self.train))
            if not math.isfinite(train.loss):
                raise UserError("The loss is no longer a number: lower the learning rate and start again.")
            with self._average.in_place() if self._average else nullcontext():
                again, val = self._evaluate()
                progress.epoch = epoch
                self._keep_best(train, val)
            # An epoch lasts until the next one: what the caller does with its row is part of it.
            seconds, started = time.monotonic() - started, time.monotonic()
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

    def inputs(self, generator: torch.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """An epoch's batches in random order: (what the trained part takes, targets (N,)), on the device."""
        if self._views:
            for places in self._shuffled(len(self._views.target), generator):
                features, target = self._views.batch(torch.tensor(places), generator)
                yield features.to(self.device), target
            return
        for batch in self.batches(generator):
            worn = self._worn(batch, generator)
            yield self.compute.features(self._shown(worn, generator)), worn.target

    def batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """Shuffled batches on the device, as they were read."""
        for items in self._shuffled(len(self.train), generator):
            batch = self.feed.batch(items)
            if len(batch.items) > 1:
                yield batch

    def first_batch(self) -> torch.Tensor:
        """The first epoch's first batch as the network sees it: uint8 (N, 3, S, S)."""
        generator = seeded(self.config.seed, 1)
        return self._shown(self._worn(next(self.batches(generator)), generator), generator)

    def state(self) -> dict[str, Any]:
        """Everything a checkpoint needs beside the frozen backbone, which is that of the starting weights."""
        return {
            "network": self._trained(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
            "chosen": vars(self.compute.chosen),
            "frozen": self.compute.frozen_digest,
            "average": self._average.state() if self._average else None,
        }

    def load_best(self) -> None:
        """Give the network the best epoch's weights."""
        self.network.load_state_dict(self.progress.best, strict=False)

    def _probes(self) -> torch.Tensor:
        """The first photos that can be read."""
        for start in range(0, len(self.train), PROBES):
            pixels = self.feed.batch(range(start, min(start + PROBES, len(self.train)))).pixels
            if len(pixels):
                return pixels
        raise UserError("None of the training photos can be read any more: check the folder, then start again.")

    def _restore(self, state: dict[str, Any]) -> None:
        if state["frozen"] != self.compute.frozen_digest:
            raise UserError(
                f"{self.config.weights} is no longer the network that this run began with: start a new run instead."
            )
        if state["network"].keys() != set(self.compute.trained_names):
            raise UserError("last.ckpt is of another network: delete this run and start it again.")
        self.network.load_state_dict(state["network"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def _make_average(self, state: dict[str, Any] | None) -> Average:
        steps = math.ceil(len(self.train) / self.config.batch_size)
        return Average(self.network, self.compute.trained_names, steps, state["average"] if state else None)

    def _trained(self) -> dict[str, torch.Tensor]:
        whole = self.network.state_dict()
        return {name: whole[name] for name in self.compute.trained_names}

    def _shuffled(self, count: int, generator: torch.Generator) -> Iterator[list[int]]:
        order = torch.randperm(count, generator=generator).tolist()
        if len(order) % self.config.batch_size == 1 and len(order) > 1:
            # BatchNorm has no variance to measure in a batch of one.
            order.pop()
        for start in range(0, len(order), self.config.batch_size):
            yield order[start : start + self.config.batch_size]

    def _views_made(self) -> None:
        if self.config.kept_views and self._views is None:
            self._views = cached_features.kept(self.compute, self.feed, self.config, self._shown, self.look_done)

    def _set_rate(self, share: float) -> float:
        """The learning rate after this share of the running epoch: cosine annealing without restarts (Loshchilov and
        Hutter, 2017), a function of the place in training alone, so that a resumed run follows the same curve."""
        rate = self.config.learning_rate
        if self.config.schedule == "cosine":
            rate *= (1 + math.cos(math.pi * (self.progress.epoch + share) / self.config.epochs)) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def _worn(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch with masks on some bare faces, where that is asked for."""
        if not self.config.drawn_masks:
            return batch
        labels, marks = self.train.labels, self._marks(batch)
        drawn, target = worn_masks.put_on(batch.pixels.cpu(), batch.target.cpu(), labels, marks, generator)
        return batch._replace(pixels=drawn.to(self.device), target=target.to(self.device))

    def _marks(self, batch: Batch) -> list[Marks | None]:
        return [self.marks.get(self.train.rows[item].file) for item in batch.items]

    def _shown(self, batch: Batch, generator: torch.Generator) -> torch.Tensor:
        """The batch degraded and warped as the config says: uint8 (N, 3, S, S) on the device."""
        pixels = batch.pixels
        if self.config.robust:
            labels, marks = self.train.labels, self._marks(batch)
            pixels = degrade(pixels.cpu(), batch.target.cpu(), labels, marks, generator).to(self.device)
        if self.config.augment:
            pixels = affine.warp(pixels, affine.sample(len(pixels), generator))
        return pixels

    def _evaluate(self) -> tuple[Tally, Tally]:
        """(training photos as validation's are, validation photos)."""
        total, first = len(self._again) + len(self._val), len(self._again)
        again = self._again(lambda done: self.evaluated(done, total))
        return again, self._val(lambda done: self.evaluated(first + done, total))

    def _keep_best(self, train: Tally, val: Tally) -> None:
        progress = self.progress
        # Asked this way round, a loss that is not a number is never the better one.
        if not (val.accuracy, -val.loss) > (progress.best_accuracy, -progress.best_loss):
            return
        progress.best_epoch, progress.best_accuracy, progress.best_loss = progress.epoch, val.accuracy, val.loss
        progress.best_train_accuracy = train.accuracy
        progress.best = copy.deepcopy(self._trained())

    def _out_of_patience(self) -> bool:
        waited = self.progress.epoch - self.progress.best_epoch
        return 0 < self.config.patience <= waited


def make_optimizer(config: TrainConfig, network: nn.Module) -> torch.optim.Optimizer:
    """The config's optimizer over what is trained."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if config.optimizer == "sgd":
        return _eager(torch.optim.SGD)(parameters, config.learning_rate, momentum=config.momentum)
    # One pass over the weights instead of a dozen.
    return _eager(torch.optim.Adam)(parameters, config.learning_rate, fused=True)


def _eager(sort: type[Sort]) -> type[Sort]:
    """The same optimizer without the wrappers by which its methods import torch._dynamo, which takes seconds and is for
    torch.compile alone."""
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    plain = {name: inspect.unwrap(getattr(sort, name)) for name in names}
    made: type[Sort] = type(sort.__name__, (sort,), plain | {"step": torch.no_grad()(inspect.unwrap(sort.step))})
    return made


def class_weights(photos: FacePhotos, device: torch.device) -> torch.Tensor:
    """n / (classes * n_label) per label, float32 (classes,): King and Zeng's "balanced" weights (2001)."""
    count = torch.bincount(torch.tensor(photos.targets)).float()
    return (count.sum() / (len(count) * count)).to(device)


def seeded(seed: int, epoch: int) -> torch.Generator:
    """The epoch's generator; dropout, which draws from torch's global one, is seeded alike."""
    value = seed * 100_003 + epoch
    torch.manual_seed(value)
    return torch.Generator().manual_seed(value)
