"""What the dashboard's benchmark looks at: many run folders by the run folder's own writers, and many small photos."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image

from core.data.dataset import split as splits
from core.data.dataset.scan import Scan, scan
from core.data.dataset.split import Row
from core.data.images.preprocessing import Preprocessing
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.predictions import Predictions
from core.machine.environment import machine_facts
from core.networks import checkpoint
from core.networks.build import build
from core.networks.operating_point import OperatingPoint
from core.schema import train_config as configs
from core.schema.labels import Label
from core.schema.presets import PRESETS
from core.schema.result import ChosenPoint, Result
from core.schema.run_report import PartCounts, RunReport
from core.store import paths
from core.store import runs as run_folders
from core.store.job_state import State
from core.store.runs import METRICS, Run

_TRAINED_ON = 600
_POINT = OperatingPoint(0.5)
_SIDE = 96
_CHUNK = 2000
_facts = cache(machine_facts)


def runs(count: int, epochs: int) -> list[str]:
    """Make so many finished runs, pairs of seeds, half of them with wrong_mask; their ids, newest first."""
    folder = photos(_TRAINED_ON, "small")
    found = scan(folder)
    numbers: dict[int, dict[str, Result]] = {}
    # The disk's own pace is not what is measured.
    with patch("os.fsync"):
        for number in range(count):
            _run(number, epochs, folder, found, numbers)
        newest, *others = run_folders.every()
        _tell_the_network(newest)
    return [run.id for run in (newest, *others)]


def _tell_the_network(run: Run) -> None:
    """Give a run a network of its own bytes, which say whose it is."""
    path = paths.models_dir() / run.report().model
    trained = checkpoint.load(path)
    path.unlink()
    checkpoint.save(path, replace(trained, report=run.report()))


def _run(number: int, epochs: int, folder: Path, found: Scan, numbers: dict[int, dict[str, Result]]) -> Run:
    rng = np.random.default_rng(number)
    # The preset of the form, which then knows from these runs what a training costs.
    own = {"seed": number % 2, "wrong_mask": number // 2 % 2, "learning_rate": 1e-4 + 1e-6 * (number // 4)}
    config = configs.make(PRESETS["Balanced"] | {"dataset": str(folder), "epochs": epochs} | own)
    rows = [row for row in splits.split(found, config.split, 0) if row.label in config.labels]
    labels = tuple(label for label in Label if any(row.label == label for row in rows))
    run = run_folders.create(config, len(labels))
    splits.write(rows, run.split_file)
    for epoch in range(1, epochs + 1):
        run.append_metrics({"epoch": epoch} | {name: float(rng.random()) for name in METRICS[1:]})
    parts = {part: _said([row for row in rows if row.part == part], labels, rng) for part in ("val", "test")}
    run.write_predictions(tuple(map(str, labels)), [row for part, own in parts.items() for row in _lines(own, part)])
    learnt = {row.file for row in rows if row.part != "test"}
    run.write_seen(frozenset(photo.digest for photo in found.photos if photo.file in learnt))
    if len(labels) not in numbers:
        numbers[len(labels)] = {part: measure(own, _POINT, 1.0) for part, own in parts.items()}
    measured = {
        part: each.model_copy(update={"accuracy": float(rng.random())}) for part, each in numbers[len(labels)].items()
    }
    counted = PartCounts(**{part: sum(row.part == part for row in rows) for part in splits.PARTS})
    run.write_report(RunReport(
        run=run.id, labels=labels, model=_model(number, run, labels), train_accuracy=0.9,
        train_accuracy_training_mode=0.8, train_loss=0.3, best_epoch=epochs, epochs=epochs, refused=0, photos=counted,
        seconds=60.0, temperature=1.0, operating_point=ChosenPoint(**asdict(_POINT)), trainable_parameters=2_000_000,
        parameters=2_000_000, facts=_facts(), **measured,
    ))  # fmt: skip
    run.job.note(os.getpid())
    run.job.write(State("finished", "Done", epochs, 1.0, started=time.time(), ended=time.time()))
    return run


def _model(number: int, run: Run, labels: tuple[Label, ...]) -> str:
    """A network of its own name; all of one kind share their bytes on disk."""
    path, first = paths.models_dir() / f"{number}.pth", paths.models_dir() / f"first-{len(labels)}.pth"
    if not first.exists():
        torch.manual_seed(0)
        network = build(run.config.model_copy(update={"weights": "none"}), len(labels)).eval()
        preprocessing = Preprocessing(run.config.image_size)
        checkpoint.save(first, checkpoint.Trained(
            run.config, labels, preprocessing, 1.0, _POINT, None, frozenset({"none"}), first, network
        ))  # fmt: skip
    os.link(first, path)
    return path.name


def _said(rows: list[Row], labels: tuple[Label, ...], rng: np.random.Generator) -> Predictions:
    probability = rng.dirichlet(np.ones(len(labels)), len(rows)) * 0.3
    probability[np.arange(len(rows)), [labels.index(row.label) for row in rows]] += 0.7
    wrong = rng.random(len(rows)) < 0.1
    probability[wrong] = probability[wrong][:, ::-1]
    names = [np.array([str(getattr(row, name)) for row in rows]) for name in ("label", "group")]
    return Predictions(tuple(row.file for row in rows), *names, probability, labels)


def _lines(own: Predictions, part: str) -> list[dict]:
    return [
        {"file": file, "label": label, "group": group, "part": part}
        | {f"p_{name}": f"{value:.9g}" for name, value in zip(own.classes, values, strict=True)}
        for file, label, group, values in zip(own.files, own.true, own.groups, own.probability, strict=True)
    ]


def photos(count: int, name: str = "many") -> Path:
    """Draw so many JPEGs of a few kB: of each hundred, ten are near-copies of others and two are plain and dark."""
    folder = paths.datasets_dir() / name
    for label in Label:
        (folder / label).mkdir(parents=True, exist_ok=True)
    starts = range(0, count, _CHUNK)
    with ProcessPoolExecutor() as pool:
        list(pool.map(_draw, [folder] * len(starts), starts, [min(start + _CHUNK, count) for start in starts]))
    return folder


def _draw(folder: Path, start: int, end: int) -> None:
    drawn, order = np.random.default_rng(start), random.Random(start)
    image, label = Image.new("RGB", (_SIDE, _SIDE)), Label.MASK
    for number in range(start, end):
        if number % 100 < 2:
            shown = Image.new("RGB", (_SIDE, _SIDE), (number % 11, 5, number // 100 % 17))
        elif number % 10 == 5:
            shown = image
        else:
            coarse = drawn.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            shown = image = Image.fromarray(coarse).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        if shown is not image or number % 10 != 5:
            label = order.choices(list(Label), (5, 4, 1))[0]
        shown.save(folder / label / f"{number:06}.jpg", quality=60 + number % 30)
