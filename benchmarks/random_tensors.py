"""What a network reaches without photos: training steps on one batch of random tensors that lies on the device.

    python -m benchmarks.random_tensors --network ResNet-retrain --precision bfloat16

Prints one JSON line: images per second, and the precision.
"""

from __future__ import annotations

import argparse
import json
import time

import torch
from torch.nn import functional as F

from benchmarks.trainings import NAMES, config, named
from core.networks.build import build, train_mode
from core.schema.train_config import TrainConfig
from core.training.loop import make_optimizer

_WARM, _SECONDS = 3, 5.0


def images_per_second(own: TrainConfig, precision: str, device: str, seconds: float = _SECONDS) -> float:
    """Of the config's network, channels last, autocast to the precision."""
    network = build(own, 3).to(device)
    train_mode(network)
    optimizer = make_optimizer(own, network)
    images = torch.rand(own.batch_size, 3, own.image_size, own.image_size, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    target = torch.zeros(len(images), dtype=torch.long, device=device)

    def step() -> None:
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
            loss = F.cross_entropy(network(images), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    for _ in range(_WARM):
        step()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        step()
        steps += 1
    return steps * len(images) / (time.perf_counter() - began)


def main() -> None:
    """Measure one network here."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=NAMES, required=True)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), required=True)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    own = config(named(args.network), "-", epochs=1)
    rate = images_per_second(own, args.precision, device)
    print(json.dumps({"images_per_second": rate, "precision": args.precision}))


if __name__ == "__main__":
    main()
