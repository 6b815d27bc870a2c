"""The plain recipe, as a tutorial writes it and report A had it: the peer that our training is compared with.

    python -m benchmarks.plain SAMPLE --network ResNet-retrain --workers 2

Each picture is opened, squeezed and augmented by torchvision's transforms in a DataLoader's workers; the network runs
eagerly in float32 with its channels first; Adam. What is not trained only has requires_grad off: network.train() sets
its BatchNorm into training mode too, as in the tutorials (ours leaves it in eval mode). SAMPLE is a CSV with the
columns file (absolute), label and part. Prints one JSON line: seconds until the first batch and for the rest, of
training and of validation, each over all of the sample's photos after a step to warm up.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from benchmarks.trainings import NAMES, config, named
from core.data.images.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from core.networks.build import build, train_mode
from core.schema.train_config import TrainConfig

COLUMNS = ("file", "label", "part")


@dataclass(frozen=True)
class Timed:
    """`photos` took `first` seconds until the first batch was there, and `rest` seconds from then on."""

    photos: int
    first: float
    rest: float

    def seconds(self, photos: int) -> float:
        """Of an epoch with so many photos: the loader starts once."""
        return self.first + self.rest * photos / self.photos


class PlainPhotos(Dataset):
    """Item i is (float32 (3, S, S), index of its label); every picture is opened anew, as ImageFolder does."""

    def __init__(self, items: Sequence[tuple[str, int]], transform: Callable) -> None:
        self.items, self.transform = list(items), transform

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        file, target = self.items[index]
        return self.transform(Image.open(file).convert("RGB")), target


def transform(size: int, training: bool) -> transforms.Compose:
    """What happens to each picture, in report A's order. core/data/augment/affine.py draws from the same distribution,
    and from windows larger than the photo too, which RandomResizedCrop draws again."""
    augmentation = [
        transforms.RandomResizedCrop(size, scale=(0.8, 1.2)), transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(20),
    ]  # fmt: skip
    return transforms.Compose([
        transforms.Resize((size, size)), *(augmentation if training else []), transforms.ToTensor(),
        transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
    ])  # fmt: skip


class Recipe:
    """A network in plain training on `device`. `sample` has (file, label, part) of every photo. `frozen_eval`: what is
    not trained stays in eval mode."""

    def __init__(
        self, config: TrainConfig, sample: Sequence[tuple[str, str, str]], workers: int, device: str,
        frozen_eval: bool = False,
    ) -> None:  # fmt: skip
        labels = sorted({label for _, label, _ in sample})
        self.config, self.workers, self.device, self.frozen_eval = config, workers, torch.device(device), frozen_eval
        self.network = build(config, len(labels)).to(self.device, memory_format=torch.contiguous_format)
        trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.Adam(trained, config.learning_rate)
        self._items = {
            part: [(file, labels.index(label)) for file, label, own in sample if own == part]
            for part in ("train", "val", "test")
        }

    def loader(self, part: str, training: bool) -> DataLoader:
        """Batches of a part; what is trained on is shuffled and augmented."""
        photos = PlainPhotos(self._items[part], transform(self.config.image_size, training))
        # BatchNorm has no variance to measure in a batch of one.
        lonely = training and len(photos) % self.config.batch_size == 1
        return DataLoader(photos, self.config.batch_size, shuffle=training, num_workers=self.workers, drop_last=lonely,
                          pin_memory=self.device.type == "cuda")  # fmt: skip

    def step(self, images: torch.Tensor, target: torch.Tensor) -> None:
        """One batch forward, backward and into the weights."""
        loss = F.cross_entropy(self.network(images.to(self.device)), target.to(self.device))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def train_epoch(self) -> Timed:
        """Train on every training photo."""
        (train_mode if self.frozen_eval else nn.Module.train)(self.network)
        return timed(self.loader("train", training=True), self.step, self.device)

    def accuracy(self, part: str) -> tuple[float, Timed]:
        """The share of right answers in a part, and how long it took."""
        self.network.eval()
        right = []

        @torch.no_grad()
        def look(images: torch.Tensor, target: torch.Tensor) -> None:
            right.append(int((self.network(images.to(self.device)).argmax(1).cpu() == target).sum()))

        took = timed(self.loader(part, training=False), look, self.device)
        return sum(right) / took.photos, took

    def warm_up(self) -> None:
        """One step each way on what memory holds: the libraries prepare for these shapes."""
        images = torch.rand(self.config.batch_size, 3, self.config.image_size, self.config.image_size)
        self.network.train()
        self.step(images, torch.zeros(len(images), dtype=torch.long))


def timed(batches: Iterable, use: Callable, device: torch.device) -> Timed:
    """How long all batches take, with the work on them."""
    photos, began, first = 0, time.perf_counter(), 0.0
    for images, target in batches:
        first = first or time.perf_counter() - began
        use(images, target)
        photos += len(target)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return Timed(photos, first, time.perf_counter() - began - first)


def read_sample(path: Path) -> list[tuple[str, str, str]]:
    """(file, label, part) of each line."""
    with path.open(newline="", encoding="utf-8") as file:
        return [tuple(row[name] for name in COLUMNS) for row in csv.DictReader(file)]


def main() -> None:
    """Time one epoch over the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", type=Path)
    parser.add_argument("--network", choices=NAMES, required=True)
    parser.add_argument("--workers", type=int, required=True)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    own = config(named(args.network), args.sample.parent, epochs=1)
    recipe = Recipe(own, read_sample(args.sample), args.workers, device)
    recipe.warm_up()
    train = recipe.train_epoch()
    _, val = recipe.accuracy("val")
    print(json.dumps({"train": asdict(train), "val": asdict(val)}))


if __name__ == "__main__":
    main()
