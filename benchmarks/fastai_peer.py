"""fastai's recipe on the same photos: vision_learner with its own defaults, in an environment of its own.

    benchmark/.fastai/bin/python -m benchmarks.fastai_peer SAMPLE --backbone ResNet --mode retrain ...

SAMPLE and the printed JSON line are those of benchmarks/plain.py. aug_transforms, Resize by squishing, 64 photos a
batch, fit_one_cycle, float32. fastai freezes by groups of layers and goes on training BatchNorm in frozen ones:
ResNet's middle group is layer3 and layer4, as ours; MobileNet has but body and head, so that `retrain` trains all of
it. fastai has no BasicCNN: its training loop takes ours.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from fastai.vision.all import (
    Callback,
    CrossEntropyLossFlat,
    DataLoaders,
    ImageDataLoaders,
    Learner,
    Resize,
    aug_transforms,
    default_split,
    mobilenet_v2,
    model_meta,
    resnet50,
    vision_learner,
)
from torch import get_num_threads

from core.networks.registry import NETWORKS

_BATCH = 64


class Stamps(Callback):
    """Seconds until the first batch and from then to the end, of training and of validation."""

    def __init__(self) -> None:
        self.took: dict[str, dict[str, float]] = {}

    def before_train(self) -> None:
        self._begin()

    def before_validate(self) -> None:
        self._begin()

    def before_batch(self) -> None:
        self._first = self._first or time.perf_counter()
        self._photos += len(self.xb[0])

    def after_train(self) -> None:
        self._end("train")

    def after_validate(self) -> None:
        self._end("val")

    def _begin(self) -> None:
        self._began, self._first, self._photos = time.perf_counter(), 0.0, 0

    def _end(self, part: str) -> None:
        first, now = self._first, time.perf_counter()
        self.took[part] = {"photos": self._photos, "first": first - self._began, "rest": now - first}


def _photos(sample: Path, size: int, workers: int) -> DataLoaders:
    rows = pd.read_csv(sample)
    rows["valid"] = rows.part == "val"
    return ImageDataLoaders.from_df(
        rows, path="/", fn_col="file", label_col="label", valid_col="valid", bs=_BATCH, num_workers=workers,
        item_tfms=Resize(size, method="squish"), batch_tfms=aug_transforms(),
    )  # fmt: skip


def _learner(photos: DataLoaders, backbone: str, mode: str, size: int) -> Learner:
    if backbone == "BasicCNN":
        network = NETWORKS[backbone].build(len(photos.vocab), size, lambda network: network)
        return Learner(photos, network, loss_func=CrossEntropyLossFlat())
    arch = {"ResNet": resnet50, "MobileNet": mobilenet_v2}[backbone]
    # fastai looks for a pooling layer to cut at, and MobileNet has none: its body is the first of its two children.
    # (vision_learner takes `cut`, but does not pass it on.)
    model_meta[mobilenet_v2] = {"cut": 1, "split": default_split}
    learner = vision_learner(photos, arch, pretrained=False)
    if mode == "not_retrain":
        learner.freeze()
    elif backbone == "ResNet":
        learner.freeze_to(-2)
    else:
        learner.unfreeze()
    return learner


def main() -> None:
    """Time one epoch over the sample after a step to warm up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", type=Path)
    parser.add_argument("--backbone", choices=("ResNet", "MobileNet", "BasicCNN"), required=True)
    parser.add_argument("--mode", choices=("not_retrain", "retrain"), required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    args = parser.parse_args()
    photos = _photos(args.sample, args.size, args.workers)
    learner = _learner(photos, args.backbone, args.mode, args.size)
    images, target = photos.one_batch()
    learner.model.train()
    learner.loss_func(learner.model(images), target).backward()
    learner.model.zero_grad()
    stamps = Stamps()
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1, cbs=stamps)
    print(json.dumps(stamps.took | {"threads": get_num_threads()}))


if __name__ == "__main__":
    main()
