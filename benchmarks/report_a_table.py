"""How long report A's table takes, without training it whole: each row's first epochs, carried on to 60.

    python -m benchmarks.report_a_table PHOTOS [--backbone ResNet] [--weights none]

A row whose views are kept is trained to its end. Of others two epochs are trained and published, and its time is theirs
plus 58 times the second's; rows that differ in their learning rate alone are trained once. Beside it stands what the
sweep would have estimated. Random starting weights take as long as others.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import ours, table
from core.data.dataset.label_folders import count_files
from core.schema.train_config import IMAGENET, NO_WEIGHTS, TrainConfig
from core.store import paths
from core.text.numbers import clock
from core.training.cost import sweep_forecast
from core.training.sweeps import report_a_table

_EPOCHS = 2
_GOAL_SECONDS = 2 * 60 * 60


def main() -> None:
    """Print a line per row and the sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--backbone", choices=("ResNet", "MobileNet"), default="ResNet")
    parser.add_argument("--weights", choices=(IMAGENET, NO_WEIGHTS), default=NO_WEIGHTS)
    args = parser.parse_args()
    photos = args.photos.resolve()
    folder = paths.PROJECT / "benchmark"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        os.environ["MASKLAB_HOME"] = scratch
        _measure(photos, {"dataset": str(photos), "backbone": args.backbone, "weights": args.weights})


def _measure(photos: Path, values: dict[str, str]) -> None:
    counts = count_files(photos)
    planned = report_a_table.variants(values, counts)
    said = [cost.seconds for cost in sweep_forecast.costs([row.config for row in planned], counts)]
    print(table.head("row", "s per epoch", "in all", "estimated", "of what it took"), flush=True)
    known: dict[TrainConfig, tuple[float, float]] = {}
    taken = []
    for row, before in zip(planned, said, strict=True):
        alike = row.config if row.config.kept_views else row.config.model_copy(update={"learning_rate": 1e-3})
        if alike not in known:
            known[alike] = _took(alike)
        epoch, whole = known[alike]
        taken.append(whole)
        print(table.line(row.name, f"{epoch:.1f}", clock(whole), clock(before), f"{before / whole:.0%}"), flush=True)
    whole, before = sum(taken), sum(said)
    met = "met" if whole <= _GOAL_SECONDS else "**missed**"
    share = f"{before / whole:.0%}"
    print(table.line("**all**", "", f"{clock(whole)} (goal {clock(_GOAL_SECONDS)}: {met})", clock(before), share))


def _took(config: TrainConfig) -> tuple[float, float]:
    """(seconds of an epoch after the first, seconds of the whole training)."""
    trained = config if config.kept_views else config.model_copy(update={"epochs": _EPOCHS})
    run = ours.finished(trained)
    later = [row["seconds"] for row in run.metrics()[1:]]
    epoch = sum(later) / len(later)
    return epoch, run.report().seconds + (config.epochs - trained.epochs) * epoch


if __name__ == "__main__":
    main()
