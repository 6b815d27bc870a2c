"""One turn of the training benchmark: a network's training by each peer and by us, one after the other, each in fresh
processes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks import ours
from benchmarks.limit import operations
from benchmarks.plain import COLUMNS, Timed
from benchmarks.trainings import Training, config
from core.data.dataset.split import Row
from core.store import paths
from core.training.lifecycle.launch import KEPT_MEMORY
from core.training.loop import MEASURED_AGAIN

BATCH = 64
PLAIN, FASTAI, RANDOM = "plain", "fastai", "random tensors"
OURS, OURS_FLOAT32, FIRST, KEPT = "ours", "ours, float32", "ours, first epoch", "ours, cached features"


@dataclass
class Turn:
    """Of one turn, by way: `seconds` an epoch, `share` of the limit (0..1). `precision` is what ours computed in."""

    seconds: dict[str, float] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)
    precision: str = "float32"


@dataclass(frozen=True)
class Bench:
    """What all turns share. `rows` are those of the split; `fastai` is the Python of its environment, if any."""

    photos: Path
    rows: Sequence[Row]
    scratch: Path
    device: str
    views: int
    kept_epochs: int
    fastai: Path | None

    def turn(self, training: Training, number: int, batches: int) -> Turn:
        """Measure every way that has a part in turn `number` (from 0): ours in float32 in the first, fastai in the
        first two, the others in each."""
        turn, limit = Turn(), _json([sys.executable, "-m", "benchmarks.limit"])
        sample = self._sample(batches)
        name = ["--network", training.name]
        self._peer(turn, PLAIN, training, [sys.executable, "-m", "benchmarks.plain", str(sample), *name], limit)
        took = ours.steady(config(training, self.photos, epochs=60))
        turn.precision = took.precision
        self._note(turn, OURS, training, took.epoch, limit[took.precision])
        self._note(turn, FIRST, training, took.first, limit[took.precision])
        if training.frozen:
            # Those of the turn before would be found again.
            shutil.rmtree(paths.home() / "cache" / "features", ignore_errors=True)
            kept = ours.whole(config(training, self.photos, epochs=self.kept_epochs, views=self.views))
            turn.seconds[KEPT] = kept.whole / kept.epochs
        if number == 0 and took.precision != "float32":
            slower = ours.steady(config(training, self.photos, epochs=60, precision="float32"))
            self._note(turn, OURS_FLOAT32, training, slower.epoch, limit["float32"])
        if self.fastai and number < 2:
            own = config(training, self.photos, epochs=1)
            asked = ["--backbone", own.backbone, "--mode", own.mode, "--size", str(own.image_size)]
            command = [str(self.fastai), "-m", "benchmarks.fastai_peer", str(sample), *asked]
            self._peer(turn, FASTAI, training, command, limit)
        if self.device == "cuda":
            command = [sys.executable, "-m", "benchmarks.random_tensors", *name, "--precision", took.precision]
            turn.seconds[RANDOM] = self.count("train") / _json(command, KEPT_MEMORY)["images_per_second"]
        return turn

    def count(self, part: str) -> int:
        """Photos of a part."""
        return sum(row.part == part for row in self.rows)

    def _peer(
        self, turn: Turn, way: str, training: Training, command: list[str], limit: Mapping[str, float]
    ) -> None:
        workers = "16" if self.device == "cuda" else "2"
        told = _json([*command, "--workers", workers])
        seconds = sum(Timed(**told[part]).seconds(self.count(part)) for part in ("train", "val"))
        self._note(turn, way, training, seconds, limit["float32"])

    def _note(self, turn: Turn, way: str, training: Training, seconds: float, limit: float) -> None:
        """`limit` in operations per second. Ours measures some training photos too, and keeps what the frozen backbone
        made of a photo that is measured: what ours does not compute does not count."""
        train, val = self.count("train"), self.count("val")
        own = config(training, self.photos, epochs=1)
        learning, looking, again = operations(own, len({row.label for row in self.rows}))
        ours_looks = (val + min(MEASURED_AGAIN, train)) * again
        turn.seconds[way] = seconds
        looks = ours_looks if way in (OURS, OURS_FLOAT32, FIRST) else val * looking
        turn.share[way] = (train * learning + looks) / (seconds * limit)

    def _sample(self, batches: int) -> Path:
        """Write the photos that peers are timed on, the same for all: whole batches, half as many for validation."""
        chosen: list[Row] = []
        for part, count in (("train", batches * BATCH), ("val", max(1, batches // 2) * BATCH)):
            rows = [row for row in self.rows if row.part == part]
            chosen += Random(0).sample(rows, min(count, len(rows)))
        path = self.scratch / "sample.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = [(str(self.photos / row.file), str(row.label), row.part) for row in chosen]
            csv.writer(file).writerows([COLUMNS, *lines])
        return path


def _json(command: list[str], settings: Mapping[str, str] | None = None) -> dict:
    """The last line that a command prints. Raises RuntimeError with what it said when it fails."""
    environment = os.environ | (settings or {}) | {"PYTHONPATH": str(paths.PROJECT)}
    done = subprocess.run(command, env=environment, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
