"""What a run will cost on this machine: photos, trained parameters, minutes; from past runs or a short measurement."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional as F

from core import runs
from core.config import NO_WEIGHTS, TrainConfig
from core.errors import UserError
from core.networks.build import build, parameter_counts, train_mode
from core.runs import Run
from core.training.loop import MEASURED_AGAIN

_PROBE_BATCH, _PROBE_STEPS = 16, 3
# The settings that decide how long a photo takes.
_COSTLY = ("backbone", "mode", "image_size", "augment", "robust")


@dataclass(frozen=True)
class Cost:
    """`photos` are training photos an epoch; `seconds` of all epochs; `basis` says where the speed comes from."""

    photos: int
    trainable: int
    parameters: int
    seconds: float
    basis: str


def estimate(config: TrainConfig, photos: int, classes: int) -> Cost:
    """Cost of training on `photos` usable photos in all parts. Measures for a second or two what no run has shown."""
    sort = (config.backbone, config.mode, config.image_size, classes)
    trainable, parameters = _parameters(*sort)
    past = _past_speed(config)
    speed, basis = (past, "from an earlier run here") if past else (_probe(*sort), "from a short measurement")
    train, val = _learning(config, photos)
    # A past run's speed includes what is measured after each epoch; the probe's does not, and a pass without gradients
    # costs a third.
    measured = 0.0 if past else (val + min(train, MEASURED_AGAIN)) / 3
    return Cost(train, trainable, parameters, config.epochs * (train + measured) / speed, basis)


def _learning(config: TrainConfig, photos: int) -> tuple[int, int]:
    """Training and validation photos of so many in all parts."""
    train, val, _ = config.split
    tested = photos / config.folds if config.folds else photos * (1 - train - val)
    share = train / (train + val)
    return round((photos - tested) * share), round((photos - tested) * (1 - share))


def _past_speed(config: TrainConfig) -> float | None:
    for run in runs.every()[:50]:
        if _same_sort(run, config) and (rows := run.metrics()):
            return sum(row["images_per_second"] for row in rows) / len(rows)
    return None


def _same_sort(run: Run, config: TrainConfig) -> bool:
    """Whether an epoch of the run cost as much a photo."""
    try:
        return all(getattr(run.config, name) == getattr(config, name) for name in _COSTLY)
    except UserError:
        # A damaged run tells nothing, and must not keep anyone from starting another.
        return False


@lru_cache(maxsize=64)
def _parameters(backbone: str, mode: str, image_size: int, classes: int) -> tuple[int, int]:
    """(trainable, all) parameters."""
    return parameter_counts(_untrained(backbone, mode, image_size, classes))


@lru_cache(maxsize=64)
def _probe(backbone: str, mode: str, image_size: int, classes: int) -> float:
    """Images a second of a training step, with as many threads as the trainer will have."""
    threads = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        return _step_speed(_untrained(backbone, mode, image_size, classes), image_size)
    finally:
        torch.set_num_threads(threads)


def _untrained(backbone: str, mode: str, image_size: int, classes: int) -> torch.nn.Module:
    values = {"dataset": "-", "backbone": backbone, "mode": mode, "image_size": image_size, "weights": NO_WEIGHTS}
    return build(TrainConfig.model_validate(values | {"wrong_mask": classes > 2}), classes)


def _step_speed(network: torch.nn.Module, image_size: int) -> float:
    images = torch.rand(_PROBE_BATCH, 3, image_size, image_size).contiguous(memory_format=torch.channels_last)
    target = torch.zeros(_PROBE_BATCH, dtype=torch.long)
    train_mode(network)
    seconds = []
    for _ in range(_PROBE_STEPS):
        started = time.monotonic()
        F.cross_entropy(network(images), target).backward()
        seconds.append(time.monotonic() - started)
    # The quickest step: the first one allocates, and others may share the processor.
    return _PROBE_BATCH / min(seconds)
