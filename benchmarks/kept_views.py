"""How many cached views of a photo are enough: validation accuracy and time of MobileNet's last layer, trained on fresh
views and on K kept ones, over several seeds. `TORCH_HOME=... python -m benchmarks.kept_views PHOTOS`"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from core.data.dataset import split as splits
from core.data.dataset.scan import Scan, scan
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.preprocessing import Preprocessing
from core.networks.build import build
from core.schema.train_config import TrainConfig, make
from core.training.loop import Training

VIEWS = (1, 2, 4, 8, 16)


def trained(found: Scan, config: TrainConfig) -> tuple[float, float]:
    """(best validation accuracy in percent, seconds)."""
    rows, squares = splits.split(found, config.split, config.seed), Preprocessing(config.image_size)
    train, val = (
        FacePhotos(found.root, [row for row in rows if row.part == part], found.labels, squares)
        for part in ("train", "val")
    )
    train.fill()
    val.fill()
    torch.manual_seed(config.seed)
    started = time.perf_counter()
    own = Training(config, build(config, len(found.labels)), train, val, torch.device("cpu"), lambda share: None)
    best = max(row["val_accuracy"] for row in own.epochs())
    return 100 * best, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()
    found = scan(args.photos)
    print("| views | validation accuracy | less fresh views, points (95 % interval) | time, of fresh views |")
    print("|---|---|---|---|")
    fresh: list[tuple[float, float]] = []
    for views in (0, *VIEWS):
        own = []
        for seed in range(args.seeds):
            values = {"dataset": str(args.photos), "epochs": args.epochs, "seed": seed, "views": views}
            # Each measured with features of its own: none are found ready.
            with tempfile.TemporaryDirectory() as home:
                os.environ["MASKLAB_HOME"] = home
                own.append(trained(found, make(values)))
        fresh = fresh or own
        print(row(views, np.array(own), np.array(fresh)), flush=True)


def row(views: int, own: np.ndarray, fresh: np.ndarray) -> str:
    """A line of the table; `own` and `fresh` (seeds, 2) hold accuracies and seconds."""
    apart, share = own[:, 0] - fresh[:, 0], own[:, 1] / fresh[:, 1]
    half = stats.t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / np.sqrt(len(apart))
    differs = f"{apart.mean():+.1f} ({apart.mean() - half:+.1f} to {apart.mean() + half:+.1f})" if views else ""
    return f"| {views or 'fresh'} | {own[:, 0].mean():.1f} % | {differs} | {share.mean():.2f} |"


if __name__ == "__main__":
    main()
