"""What a run will cost on this machine: photos, trained parameters, minutes; from past runs or a short measurement."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch.nn import functional as F

from core import paths, runs
from core.config import NO_WEIGHTS, TrainConfig
from core.errors import UserError
from core.networks.build import build, parameter_counts, train_mode
from core.runs import Run

_PROBE_BATCH = 8


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
    trainable, parameters, probed = _probe(config.backbone, config.mode, config.image_size, classes)
    past = _past_speed(config)
    speed, basis = (past, "from an earlier run here") if past else (probed, "from a short measurement")
    train = round(photos * config.split[0])
    # A past run's speed includes its validation; the probe's does not, and a pass without gradients costs a third.
    validation = 0.0 if past else photos * config.split[1] / 3
    return Cost(train, trainable, parameters, config.epochs * (train + validation) / speed, basis)


def _past_speed(config: TrainConfig) -> float | None:
    same = (config.backbone, config.mode, config.image_size, config.augment)
    for run in runs.every()[:50]:
        if _sort(run) == same and (rows := run.metrics()):
            return sum(row["images_per_second"] for row in rows) / len(rows)
    return None


def _sort(run: Run) -> tuple | None:
    try:
        config = run.config
    except UserError:
        # A damaged run tells nothing, and must not keep anyone from starting another.
        return None
    return config.backbone, config.mode, config.image_size, config.augment


@lru_cache(maxsize=64)
def _probe(backbone: str, mode: str, image_size: int, classes: int) -> tuple[int, int, float]:
    """(trainable parameters, parameters, images a second) of a training step with random weights."""
    values = {"dataset": "-", "backbone": backbone, "mode": mode, "image_size": image_size, "weights": NO_WEIGHTS}
    config = TrainConfig.model_validate(values | {"wrong_mask": classes > 2})
    network = build(config, classes)
    trainable, parameters = parameter_counts(network)
    key = f"{backbone} {mode} {image_size} {torch.__version__}"
    kept = _kept_speeds()
    if key not in kept:
        kept[key] = _step_speed(network, image_size)
        _keep(kept)
    return trainable, parameters, kept[key]


def _step_speed(network: torch.nn.Module, image_size: int) -> float:
    images = torch.rand(_PROBE_BATCH, 3, image_size, image_size).contiguous(memory_format=torch.channels_last)
    target = torch.zeros(_PROBE_BATCH, dtype=torch.long)
    train_mode(network)
    seconds = 0.0
    for _ in range(2):
        started = time.monotonic()
        F.cross_entropy(network(images), target).backward()
        seconds = time.monotonic() - started
    return _PROBE_BATCH / seconds


def _kept_speeds() -> dict[str, float]:
    try:
        return json.loads(_speeds_file().read_text())
    except (OSError, ValueError):
        return {}


def _keep(speeds: dict[str, float]) -> None:
    try:
        _speeds_file().parent.mkdir(parents=True, exist_ok=True)
        _speeds_file().write_text(json.dumps(speeds))
    except OSError:
        # Measured again next time.
        return


def _speeds_file() -> Path:
    return paths.home() / "cache" / "speeds.json"
