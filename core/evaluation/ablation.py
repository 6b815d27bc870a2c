"""Report B's ablation: the learning rate and augmentation, each without and with its remedy, in four runs that
are told the same else. What it shows on test photos and on photos of the user's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core import paths
from core.data import split as splits
from core.data.scan import Scan
from core.data.split import Row
from core.errors import UserError
from core.evaluation import bootstrap
from core.evaluation.bootstrap import Estimate
from core.evaluation.predict import predict
from core.evaluation.predictions import Predictions
from core.evaluation.student_reports import ABLATION
from core.networks import files
from core.runs import Run

NAMES = tuple(row.model.removeprefix("Report B: ") for row in ABLATION)
# How many times the learning rate the baseline takes.
HIGHER = 10
# What the four runs may differ in.
_VARIED = ("learning_rate", "augment")


@dataclass(frozen=True)
class Ablation:
    """Four finished runs in the order of NAMES: the baseline at ten times the learning rate and without augmentation;
    with its own rate; with augmentation; with both."""

    runs: tuple[Run, Run, Run, Run]

    def as_rows(self) -> list[dict[str, Any]]:
        """JSON-ready: accuracies (0..1) of each run with the 95 % interval of the test accuracy."""
        return [
            {
                "setting": name,
                "run": run.id,
                "validation": report["val"]["accuracy"],
                "test": report["test"]["accuracy"],
                "test_interval": report["test"]["accuracy_grouped_interval"],
                "tested": report["test"]["n"],
            }
            for name, run in zip(NAMES, self.runs, strict=True)
            for report in [run.report()]
        ]


@dataclass(frozen=True)
class Custom:
    """A model on the user's own photos: `accuracy` with its 95 % interval by group on `photos` photos. Left out are
    `seen` photos that the model learnt from, `unknown` ones of a label it does not know, and `refused` files."""

    accuracy: Estimate
    photos: int
    seen: int
    unknown: int
    refused: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def find(runs: Sequence[Run]) -> list[Ablation]:
    """The ablations among finished runs, in the order of their first run; of runs told the same, the first counts."""
    families: dict[str, dict[tuple[float, bool], Run]] = defaultdict(dict)
    for run in runs:
        config = run.config
        settings = config.model_dump_json(exclude=set(_VARIED))
        families[settings].setdefault((config.learning_rate, config.augment), run)
    return [Ablation(own) for family in families.values() for own in _squares(family)]


def measure(run: Run, photos: Scan, progress: Callable[[int, int], None] | None = None) -> Custom:
    """The run's network on whole labelled photos. Raises UserError when its model file or every photo is gone."""
    trained = files.load(paths.models_dir() / run.report()["model"])
    known = [photo for photo in photos.photos if photo.label in trained.labels]
    fresh = [photo for photo in known if photo.digest not in trained.seen]
    groups = splits.find_groups(photos).of
    rows = [Row(photo.file, photo.label, groups[photo.file], "") for photo in fresh]
    used, probability, broken = predict(trained, photos.root, rows, progress)
    if not used:
        raise UserError(
            f"{photos.root} has no photo that {trained.path.name} has not learnt from: choose a folder of other photos."
        )
    own = Predictions(
        files=tuple(row.file for row in used),
        true=np.array([str(row.label) for row in used]),
        groups=np.array([row.group for row in used]),
        probability=probability,
        classes=trained.labels,
    )
    right = (own.guess == own.true)[:, None]
    return Custom(
        accuracy=bootstrap.shares(right, np.ones_like(right), own.groups)[0],
        photos=len(own),
        seen=len(known) - len(fresh),
        unknown=len(photos.photos) - len(known),
        refused=len(photos.refused) + len(broken),
    )


def _squares(family: dict[tuple[float, bool], Run]) -> list[tuple[Run, Run, Run, Run]]:
    found = []
    for rate in sorted({rate for rate, _ in family}):
        # Rounded, because 3e-4 times 10 is 0.0029999999999999996.
        high = float(f"{HIGHER * rate:.6g}")
        corners = [(high, False), (rate, False), (high, True), (rate, True)]
        if all(corner in family for corner in corners):
            found.append(tuple(family[corner] for corner in corners))
    return found
