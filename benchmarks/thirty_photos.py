"""What is best with 30 photos per label of a kind that the starting network never saw: to use it as it is, to train it
on them as the form's Quick does (the last layer only) or as Balanced does, or Balanced from ImageNet's weights?

    python -m benchmarks.thirty_photos DATASET --source NAME --start MODEL [--draws 10] [--photos 30] [--image_size 128]

DATASET has several sources (sources.csv), and MODEL is the file of a training with `--held_out_source NAME`; a network
that has seen photos of the source is refused. Each draw takes whole groups of the source until each label has 30
photos, trains on them in the three ways, all at the same size (their validation and test photos are of the 30), and
measures all four on the source's other groups. Trainings run one after another in MASKLAB_HOME; one that is there
already is not repeated.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from sklearn.metrics import balanced_accuracy_score

from benchmarks import draws
from core.data.dataset.scan import scan
from core.data.dataset.split import Row
from core.evaluation.one_run.predict import decide, predict
from core.networks import checkpoint
from core.networks.checkpoint import Trained
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import CHOICES
from core.schema.train_config import IMAGENET
from core.store import paths
from core.store.runs import finished_report

AS_IT_IS, LAST, LATER, FROM_IMAGENET = (
    "the network as it is", "Quick from it (last layer only)", "Balanced from it (later layers)",
    "Balanced from ImageNet",
)  # fmt: skip


def main() -> None:
    """Draw, train, measure, and print the tables."""
    args = _arguments()
    found = scan(args.dataset)
    rows = draws.of_source(found, args.source)
    start = checkpoint.load(args.start)
    draws.check_new(found, rows, start, args.start.name)
    draws.check_labels(rows, args.source)
    weights = _in_models(args.start)
    ways = {
        LAST: CHOICES["Quick"] | {"weights": weights},
        LATER: CHOICES["Balanced"] | {"weights": weights},
        FROM_IMAGENET: CHOICES["Balanced"] | {"weights": IMAGENET},
    }
    as_it_is = _guesses(start, found.root, rows)
    print(f"{args.source}: {draws.counted(rows)}", flush=True)
    scores: dict[str, list[float]] = {AS_IT_IS: [], **{way: [] for way in ways}}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for seed in range(args.draws):
        own = draws.draw(rows, args.photos, seed)
        learnt = {row.group for row in own}
        rest = [row for row in rows if row.group not in learnt]
        folder = draws.copy(found.root, own, paths.home() / "benchmark" / f"{args.source}_{args.photos}_{seed}")
        scores[AS_IT_IS].append(_score(as_it_is, rest))
        for way, settings in ways.items():
            common = {"dataset": str(folder), "image_size": args.image_size, "seed": seed}
            report = finished_report(draws.train(settings | {"backbone": start.config.backbone} | common))
            seconds[way].append(report.seconds)
            trained = checkpoint.load(paths.models_dir() / report.model)
            scores[way].append(_score(_guesses(trained, found.root, rest), rest))
        line = ", ".join(f"{way} {100 * every[-1]:.1f}" for way, every in scores.items())
        print(f"draw {seed} ({draws.counted(own)}; tested on {len(rest):,}): {line}", flush=True)
    _print(scores, seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--image_size", type=int, default=128)
    return parser.parse_args()


def _in_models(start: Path) -> str:
    """The name under which a training finds the starting network."""
    place = paths.models_dir() / start.name
    if start.resolve() != place.resolve():
        shutil.copy(start, place)
    return start.name


def _guesses(trained: Trained, dataset: Path, rows: Sequence[Row]) -> dict[str, Label]:
    used, probability, _ = predict(trained, dataset, rows)
    return dict(zip((row.file for row in used), decide(probability, trained.labels), strict=True))


def _score(guesses: dict[str, Label], rows: Sequence[Row]) -> float:
    used = [row for row in rows if row.file in guesses]
    return float(balanced_accuracy_score([row.label for row in used], [guesses[row.file] for row in used]))


def _print(scores: dict[str, list[float]], seconds: dict[str, list[float]]) -> None:
    print("\n| way | balanced accuracy, mean of the draws (95 % interval) | median seconds of a training |")
    print("|---|---|---|")
    for way, own in scores.items():
        time_taken = f"{statistics.median(seconds[way]):.0f}" if way in seconds else "none"
        print(f"| {way} | {draws.interval(own)} | {time_taken} |")
    print("\nThe same draws, in points:")
    pairs = (LAST, AS_IT_IS), (LATER, AS_IT_IS), (LATER, LAST), (LAST, FROM_IMAGENET), (LATER, FROM_IMAGENET)
    for better, other in pairs:
        gain = [a - b for a, b in zip(scores[better], scores[other], strict=True)]
        print(f"- {better} less {other}: {draws.interval(gain)}")


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
