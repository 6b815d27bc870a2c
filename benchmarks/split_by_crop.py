"""How much a split by crop would have flattered a network: the same k folds, dealt by photo and by single crop.

    python -m benchmarks.split_by_crop DATASET [--folds 3] [--epochs 3] [--image_size 96]

DATASET has a groups.csv that says which crops come from one photo. The second arm is trained on a copy without it, in
MASKLAB_HOME/benchmark, as if each crop were a photo of its own; every crop is tested once in each arm, so the arms are
compared on the same crops. Mask Lab itself offers no such split.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

import numpy as np

from core.data.dataset.label_folders import count_files, label_folders
from core.data.dataset.scan import GROUPS_FILE
from core.evaluation.compare import paired
from core.evaluation.one_run import predictions
from core.evaluation.one_run.predictions import Predictions
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.train_config import TrainConfig
from core.store import paths
from core.store.sweeps import Sweep
from core.training.cost import sweep_forecast
from core.training.sweeps import study, sweeper


def main() -> None:
    """Train both arms one after another and print the table."""
    args = _arguments()
    values = {"mode": "retrain", "epochs": args.epochs, "image_size": args.image_size, "seed": args.seed}
    if not (args.dataset / GROUPS_FILE).is_file():
        raise UserError(f"{args.dataset} has no {GROUPS_FILE}, which says which crops come from one photo.")
    arms = {"by photo": args.dataset, "by crop": _without_groups(args.dataset)}
    started = {
        name: _folds(configs.make(values | {"dataset": str(folder)}), args.folds) for name, folder in arms.items()
    }
    results = {name: _pooled(own) for name, own in started.items()}
    _print(results["by photo"], results["by crop"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--image_size", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _without_groups(dataset: Path) -> Path:
    copy = paths.home() / "benchmark" / f"{dataset.name}_by_crop"
    shutil.rmtree(copy, ignore_errors=True)
    for _, folder in label_folders(dataset):
        shutil.copytree(folder, copy / folder.name)
    return copy


def _folds(config: TrainConfig, count: int) -> Sweep:
    planned = study.repeated(study.one(config), "folds", count)
    counts = count_files(config.folder)
    seconds = [cost.seconds for cost in sweep_forecast.costs([row.config for row in planned], counts)]
    return sweeper.start(study.title("folds", planned), "folds", planned, seconds)


def _pooled(folds: Sweep) -> Predictions:
    """Every crop's prediction by the network of the fold that it was a test photo of, in the order of file names."""
    while folds.state.active:
        time.sleep(1)
    parts = [predictions.of_run(standing.run) for standing in folds.standings()]
    files = [file for part in parts for file in part.files]
    joined = Predictions(
        files=tuple(files), classes=parts[0].classes,
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in ("true", "groups", "probability")},
    )  # fmt: skip
    return joined.only(np.argsort(files))


def _print(photo: Predictions, crop: Predictions) -> None:
    shared, mine, theirs = np.intersect1d(photo.files, crop.files, return_indices=True)
    photo, crop = photo.only(mine), crop.only(theirs)
    # Groups of the arm that knows them: crops of one photo are resampled together.
    called_mask = photo.guess == Label.MASK, crop.guess == Label.MASK
    found = paired.compare(photo.true, photo.guess, crop.guess, photo.groups, *called_mask)
    print(f"{len(shared)} crops of {found.groups} photos, each tested once in each arm")
    print("| split | accuracy | balanced accuracy |\n|---|---|---|")
    print(f"| by photo | {100 * found.accuracy.a:.2f} | {100 * found.balanced_accuracy.a:.2f} |")
    print(f"| by crop | {100 * found.accuracy.b:.2f} | {100 * found.balanced_accuracy.b:.2f} |")
    for name, own in (("accuracy", found.accuracy), ("balanced accuracy", found.balanced_accuracy)):
        low, high = 100 * own.low, 100 * own.high
        print(f"flattered by {100 * own.difference:+.2f} points of {name} (95 % interval {low:+.2f} to {high:+.2f})")


if __name__ == "__main__":
    main()
