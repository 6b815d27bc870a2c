"""Draws of so many photos per label, which a training is given, and what comes out over several of them."""

from __future__ import annotations

import csv
import shutil
import statistics
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from core.data.collect import sources
from core.data.dataset import split as splits
from core.data.dataset.scan import GROUPS_FILE, Scan
from core.data.dataset.split import Row
from core.networks.model_info import ModelInfo
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.labels import TWO_CLASSES, Label
from core.store import runs
from core.store.runs import Run, finished_report
from core.training.lifecycle import launch


def of_source(scan: Scan, source: str) -> list[Row]:
    """A row, of no part, for each photo of a source. Raises UserError where there is none."""
    told = sources.of_photos(scan)
    rows = [row for row in splits.new_to(scan, ()) if told[row.file] == source]
    if not rows:
        known = ", ".join(sorted(set(told.values())))
        raise UserError(f"{scan.root} has no photo of the source {source}: it has {known}.")
    return rows


def of_others(scan: Scan, left_out: Collection[str]) -> list[Row]:
    """A row, of no part, for each photo of other sources in whose group nothing is of these."""
    told = sources.of_photos(scan)
    digests = {photo.digest for photo in scan.photos if told[photo.file] in left_out}
    return splits.new_to(scan, digests)


def check_new(scan: Scan, rows: Sequence[Row], start: ModelInfo, name: str) -> None:
    """Raises UserError where a network has seen one of these photos or another of its group."""
    new = {row.file for row in splits.new_to(scan, start.seen)}
    if seen := sum(row.file not in new for row in rows):
        raise UserError(
            f"{name} has learnt from {seen:,} of these {len(rows):,} photos or from others of their groups, so it "
            "can't be measured with them: take a network of a training with --held_out_source."
        )


def check_labels(rows: Sequence[Row], source: str) -> None:
    """Raises UserError where a source lacks a label without which nothing can be trained."""
    if missing := [label for label in TWO_CLASSES if all(row.label is not label for row in rows)]:
        raise UserError(f"{source} has no photo of {missing[0]}, so nothing can be trained on its photos alone.")


def draw(rows: Sequence[Row], photos: int, seed: int) -> list[Row]:
    """Whole groups at random, until as many labels as can have so many photos; no label has more."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    names = sorted(groups)
    chosen, count = list[Row](), dict.fromkeys(Label, 0)
    for index in np.random.default_rng(seed).permutation(len(names)):
        own = groups[names[index]]
        if all(count[label] + sum(row.label is label for row in own) <= photos for label in Label):
            chosen += own
            count |= {label: count[label] + sum(row.label is label for row in own) for label in Label}
    return chosen


def counted(rows: Sequence[Row]) -> str:
    """How many photos there are of each label, in words."""
    return ", ".join(f"{sum(row.label is label for row in rows):,} {label}" for label in Label)


def copy(dataset: Path, rows: Sequence[Row], folder: Path) -> Path:
    """A dataset of these photos alone, in the groups that they have; what was in the folder is deleted."""
    shutil.rmtree(folder, ignore_errors=True)
    for row in rows:
        # A label that was decided by hand counts, not the folder that the photo lies in.
        file = folder / row.label / row.file.split("/", 1)[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(dataset / row.file, file)
    with (folder / GROUPS_FILE).open("w", newline="") as file:
        names = ((f"{row.label}/{row.file.split('/', 1)[1]}", row.group) for row in rows)
        csv.writer(file).writerows([("file", "group"), *names])
    return folder


def train(values: dict[str, Any]) -> Run:
    """A training with these settings, once it has finished: the one of this home, where it has one. Raises UserError
    where it comes to no result."""
    config = configs.make(configs.fill_in(values))
    if known := next((run for run in runs.every() if run.config == config and run.report()), None):
        return known
    run = launch.start(config)
    while runs.get(run.id).state.active:
        time.sleep(0.2)
    finished_report(run := runs.get(run.id))
    return run


def interval(values: Sequence[float]) -> str:
    """Mean and its interval by Student's t over the draws, in percent."""
    middle, own = 100 * statistics.mean(values), [100 * value for value in values]
    if len(own) < 2:
        return f"{middle:.1f} (one draw)"
    half = student.ppf(0.975, len(own) - 1) * statistics.stdev(own) / len(own) ** 0.5
    return f"{middle:.1f} ({middle - half:.1f} to {middle + half:.1f})"
