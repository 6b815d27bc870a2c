"""Finished run folders whose predictions the test chooses, so that comparisons can be counted by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import paths, runs
from core.config import TrainConfig
from core.data import split as splits
from core.data.preprocess import Preprocessing
from core.data.scan import scan
from core.data.split import Row
from core.evaluation.measure import measure
from core.evaluation.predictions import Predictions
from core.labels import TWO_CLASSES, Label
from core.networks import files
from core.networks.build import build
from core.networks.operating import OperatingPoint
from core.runs import Run
from core.standing import State
from tests.result_fixtures import reported
from tests.support import tiny_config

# Half of the photos are tested, so that small folders have something to compare.
HALF = (0.3, 0.2, 0.5)
POINT = OperatingPoint(0.5)
_SURE = 0.8


def finished_run(folder: Path, says: Callable[[Row], Label], seen: frozenset[str] = frozenset(), **values: Any) -> Run:
    """A run of the folder that called each photo what `says` says, with a network that calls everything mask; `seen`
    are digests that the network knew before."""
    config = tiny_config(folder, **({"split": HALF} | values))
    found = scan(folder)
    rows = splits.split(found, config.split, config.seed, config.folds, config.fold)
    rows = [row for row in rows if config.wrong_mask or row.label in TWO_CLASSES]
    labels = tuple(label for label in Label if any(row.label == label for row in rows))
    run = runs.create(config, len(labels))
    splits.write(rows, run.split_file)
    learnt = {row.file for row in rows if row.part != "test"}
    digests = {photo.digest for photo in found.photos if photo.file in learnt}
    trained = files.Trained(
        files.free_path(paths.models_dir(), files.file_name(config, len(labels))), _always_mask(config, len(labels)),
        config, labels, Preprocessing(config.image_size), 1.0, POINT, None, seen | digests,
    )  # fmt: skip
    files.save(trained.path, trained)
    run.write_seen(trained.seen)
    parts = {part: _predictions([row for row in rows if row.part == part], labels, says) for part in ("val", "test")}
    run.write_predictions(tuple(map(str, labels)), [row for part, own in parts.items() for row in _rows(own, part)])
    measured = {part: measure(own, POINT, 1.0) for part, own in parts.items()}
    run.write_report(reported(labels, run=run.id, model=trained.path.name, **measured))
    run.job.write(State("finished", progress=1.0, started=time.time(), ended=time.time()))
    return run


def right(row: Row) -> Label:
    """Says what the photo shows."""
    return row.label


def wrong_on(*names: str) -> Callable[[Row], Label]:
    """Right but on the photos whose file ends so: those are called no_mask, or mask where that would be right."""

    def says(row: Row) -> Label:
        if not row.file.endswith(names):
            return row.label
        return Label.MASK if row.label is Label.NO_MASK else Label.NO_MASK

    return says


def files_tested(run: Run, label: Label | None = None) -> list[str]:
    """The run's test files in order, all or those of one label."""
    return [row["file"] for row in run.predictions() if row["part"] == "test" and label in (None, row["label"])]


def _always_mask(config: TrainConfig, classes: int) -> torch.nn.Module:
    network = build(config, classes).eval()
    last = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)][-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.tensor([3.0] + [0.0] * (classes - 1)))
    return network


def _predictions(rows: list[Row], labels: tuple[Label, ...], says: Callable[[Row], Label]) -> Predictions:
    rest = (1 - _SURE) / (len(labels) - 1)
    return Predictions(
        files=tuple(row.file for row in rows),
        true=np.array([str(row.label) for row in rows]),
        groups=np.array([row.group for row in rows]),
        probability=np.array([[_SURE if label == says(row) else rest for label in labels] for row in rows]),
        classes=labels,
    )


def _rows(own: Predictions, part: str) -> list[dict[str, Any]]:
    return [
        {"file": file, "label": label, "group": group, "part": part}
        | {f"p_{name}": value for name, value in zip(own.classes, values, strict=True)}
        for file, label, group, values in zip(own.files, own.true, own.groups, own.probability, strict=True)
    ]
