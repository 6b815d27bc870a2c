"""Is the starter a better start than ImageNet for a user who has 30 photos per label?

    python -m benchmarks.thirty_photos PHOTOS [--draws 10] [--photos 30] [--mode retrain]

PHOTOS is the folder that the starter was made from. Each draw takes 30 photos per label from those that the starter was
neither trained on nor selected by, trains once from ImageNet and once from the starter on the same photos with the same
settings (validation and test photos of these trainings come from the 30), and measures both, and the starter as it
is, on the rest of the unseen photos of other groups. Trainings run one after another in MASKLAB_HOME.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import t as student
from sklearn.metrics import balanced_accuracy_score

from core.data.dataset import split as splits
from core.data.dataset.scan import GROUPS_FILE, scan
from core.data.dataset.split import Row
from core.evaluation.one_run.predict import predict
from core.networks import checkpoint
from core.networks.checkpoint import Trained
from core.schema import train_config as configs
from core.schema.train_config import IMAGENET, STARTER
from core.store import paths, runs
from core.store.runs import Run
from core.training.lifecycle import launch

AS_IT_IS = "the starter as it is"


def main() -> None:
    """Draw, train, measure, and print the table."""
    args = _arguments()
    starter = checkpoint.load(paths.STARTER_FILE)
    unseen = splits.new_to(scan(args.dataset), starter.seen)
    scores: dict[str, list[float]] = {IMAGENET: [], STARTER: [], AS_IT_IS: []}
    seconds: dict[str, list[float]] = {IMAGENET: [], STARTER: []}
    for draw in range(args.draws):
        own, rest = _draw(unseen, args.photos, draw)
        folder = _copy(args.dataset, own, paths.home() / "benchmark" / f"draw_{draw}")
        scores[AS_IT_IS].append(_score(starter, args.dataset, rest))
        for weights in (IMAGENET, STARTER):
            run = _trained(folder, weights, args, draw)
            scores[weights].append(_score(_network(run), args.dataset, rest))
            seconds[weights].append(run.report().seconds)
        print(f"draw {draw}: " + ", ".join(f"{name} {own[-1]:.4f}" for name, own in scores.items()), flush=True)
    _print(scores, seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--mode", default="retrain", choices=("retrain", "not_retrain"))
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--image_size", type=int, default=160)
    return parser.parse_args()


def _draw(unseen: Sequence[Row], photos: int, seed: int) -> tuple[list[Row], list[Row]]:
    """So many photos per label, and the photos of groups that none of them is of."""
    order = np.random.default_rng(seed).permutation(len(unseen))
    own: list[Row] = []
    for label in sorted({row.label for row in unseen}):
        own += [row for index in order if (row := unseen[index]).label == label][:photos]
    groups = {row.group for row in own}
    return own, [row for row in unseen if row.group not in groups]


def _copy(dataset: Path, rows: Sequence[Row], folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for row in rows:
        (folder / row.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(dataset / row.file, folder / row.file)
    with (folder / GROUPS_FILE).open("w", newline="") as file:
        csv.writer(file).writerows([("file", "group"), *((row.file, row.group) for row in rows)])
    return folder


def _trained(folder: Path, weights: str, args: argparse.Namespace, seed: int) -> Run:
    values = {"dataset": str(folder), "weights": weights, "mode": args.mode, "epochs": args.epochs,
              "image_size": args.image_size, "seed": seed}  # fmt: skip
    run = launch.start(configs.make(values))
    while runs.get(run.id).state.active:
        time.sleep(0.2)
    return runs.get(run.id)


def _network(run: Run) -> Trained:
    return checkpoint.load(paths.models_dir() / run.report().model)


def _score(trained: Trained, dataset: Path, rows: Sequence[Row]) -> float:
    used, probability, _ = predict(trained, dataset, rows)
    guess = [trained.labels[index] for index in probability.argmax(axis=1)]
    return balanced_accuracy_score([row.label for row in used], guess)


def _print(scores: dict[str, list[float]], seconds: dict[str, list[float]]) -> None:
    print("\n| start | balanced accuracy, mean of the draws (95 % interval) | median seconds of a training |")
    print("|---|---|---|")
    for name, own in scores.items():
        time_taken = f"{statistics.median(seconds[name]):.0f}" if name in seconds else "none"
        print(f"| {name} | {_interval(own)} | {time_taken} |")
    for other in (IMAGENET, AS_IT_IS):
        gain = [a - b for a, b in zip(scores[STARTER], scores[other], strict=True)]
        print(f"{STARTER} less {other}, in points: {_interval(gain)}")


def _interval(values: Sequence[float]) -> str:
    """Mean and its interval by Student's t over the draws, in percent."""
    middle, own = 100 * statistics.mean(values), [100 * value for value in values]
    half = student.ppf(0.975, len(own) - 1) * statistics.stdev(own) / len(own) ** 0.5
    return f"{middle:.1f} ({middle - half:.1f} to {middle + half:.1f})"


if __name__ == "__main__":
    main()
