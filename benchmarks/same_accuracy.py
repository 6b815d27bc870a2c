"""Does the speed cost accuracy? The plain recipe and ours on the same split, seed by seed.

    python -m benchmarks.same_accuracy PHOTOS --network MobileNet-retrain --seeds 5 --epochs 12 [--views 8] [--size 128]
                                       [--frozen-eval]

Each seed draws a split, which both train on with the same settings (report A's: Adam at a constant rate) and from
the same starting weights; with --frozen-eval the plain recipe leaves what is not trained in eval mode, as ours does.
Both keep the epoch of the highest validation accuracy, and are measured once on the test photos. Every result is a row
of --results as soon as it is there: the same command again goes on where it ended. Prints both means and the paired
difference (ours less plain), with 95 % intervals by Student's t over the seeds.
"""

from __future__ import annotations

import argparse
import copy
import csv
import os
import tempfile
from pathlib import Path

import torch

from benchmarks import ours, table
from benchmarks.plain import Recipe
from benchmarks.trainings import NAMES, config, named
from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.schema.train_config import IMAGENET, NO_WEIGHTS, TrainConfig
from core.store import paths

PLAIN, FROZEN_EVAL, OURS = "plain", "plain, frozen parts in eval mode", "ours"
_COLUMNS = ("photos", "network", "weights", "epochs", "size", "views", "precision", "seed", "way", "test_accuracy")


class Results:
    """The rows that are there, by all that decides them, in a CSV file that is written at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[tuple[str, ...], float] = {}
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                self._known = {tuple(row[:-1]): float(row[-1]) for row in list(csv.reader(file))[1:]}

    def get(self, key: tuple[str, ...]) -> float | None:
        """The test accuracy of that key, where it is known."""
        return self._known.get(key)

    def add(self, key: tuple[str, ...], accuracy: float) -> None:
        """Keep it."""
        self._known[key] = accuracy
        draft = self.path.with_suffix(".tmp")
        with draft.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([_COLUMNS, *((*own, value) for own, value in self._known.items())])
        os.replace(draft, self.path)


def main() -> None:
    """Train what is missing, and print."""
    args = _arguments()
    args.results.parent.mkdir(parents=True, exist_ok=True)
    results = Results(args.results)
    plain = FROZEN_EVAL if args.frozen_eval else PLAIN
    scores: dict[str, list[float]] = {plain: [], OURS: []}
    with tempfile.TemporaryDirectory(dir=args.results.parent) as scratch:
        os.environ["MASKLAB_HOME"] = scratch
        for seed in range(args.seeds):
            for way, own in scores.items():
                own.append(_score(args, results, seed, way))
                print(f"seed {seed}, {way}: {100 * own[-1]:.2f} %", flush=True)
    _print(args, scores[plain], scores[OURS])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--network", choices=NAMES, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--views", type=int, default=0, help="Cached views of ours; the plain recipe has none.")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="Of ours.")
    parser.add_argument("--weights", choices=(IMAGENET, NO_WEIGHTS), default=IMAGENET)
    parser.add_argument("--size", type=int, help="Of the inputs, in pixels (224; BasicCNN 256).")
    parser.add_argument("--frozen-eval", action="store_true", help="The plain recipe leaves frozen BatchNorm alone.")
    parser.add_argument("--workers", type=int, default=2, help="Of the plain recipe.")
    parser.add_argument("--results", type=Path, default=paths.PROJECT / "benchmark" / "same_accuracy.csv")
    args = parser.parse_args()
    if args.seeds < 2:
        parser.error("--seeds: an interval needs at least two.")
    return args


def _score(args: argparse.Namespace, results: Results, seed: int, way: str) -> float:
    own = config(named(args.network), args.photos.resolve(), epochs=args.epochs, weights=args.weights, seed=seed,
                 **({"views": args.views, "precision": args.precision} if way == OURS else {}))  # fmt: skip
    if args.size:
        own = own.model_copy(update={"image_size": args.size})
    key = (own.dataset, args.network, own.weights, own.epochs, own.image_size, own.views, own.precision, seed, way)
    key = tuple(str(part) for part in key)
    accuracy = results.get(key)
    if accuracy is None:
        accuracy = _ours(own) if way == OURS else _plain(own, args.workers, way == FROZEN_EVAL)
        results.add(key, accuracy)
    return accuracy


def _ours(own: TrainConfig) -> float:
    return ours.finished(own).report().test.accuracy


def _plain(own: TrainConfig, workers: int, frozen_eval: bool) -> float:
    """The test accuracy of the epoch that was best on validation photos."""
    torch.manual_seed(own.seed)
    recipe = Recipe(own, sample(own), workers, "cuda" if torch.cuda.is_available() else "cpu", frozen_eval)
    best, state = -1.0, {}
    for _ in range(own.epochs):
        recipe.train_epoch()
        accuracy, _ = recipe.accuracy("val")
        if accuracy > best:
            best, state = accuracy, copy.deepcopy(recipe.network.state_dict())
    recipe.network.load_state_dict(state)
    return recipe.accuracy("test")[0]


def sample(own: TrainConfig) -> list[tuple[str, str, str]]:
    """(file, label, part) of every photo in the split that a run of this config makes."""
    rows = splits.split(scan(own.folder), own.split, own.seed)
    return [(str(own.folder / row.file), str(row.label), row.part) for row in rows]


def _print(args: argparse.Namespace, plain: list[float], ours: list[float]) -> None:
    difference = [a - b for a, b in zip(ours, plain, strict=True)]
    print("\n" + table.head("network", "plain, % right", "ours, % right", "ours less plain, points"))
    means = [table.interval(own) for own in (plain, ours, difference)]
    told = f"{args.network}, {args.epochs} epochs" + (f" of {args.size} pixels" if args.size else "")
    told += ", frozen parts in eval mode both ways" if args.frozen_eval else ""
    print(table.line(f"{told}, {args.seeds} seeds", *means))


if __name__ == "__main__":
    main()
