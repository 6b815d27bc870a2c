"""The training of one run whose turn it is: photos, epochs, checkpoints, and the published network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from PIL import Image
from torch import nn

from core.data.dataset import split as splits
from core.data.dataset.torch_dataset import FacePhotos
from core.data.faces import landmarks
from core.data.faces.landmarks import Marks
from core.data.images.preprocessing import Preprocessing
from core.evaluation.wording import sentences
from core.networks import pretrained
from core.networks.layers import describe
from core.schema.errors import UserError
from core.schema.train_config import IMAGENET
from core.store.files.atomic import replacing
from core.store.job_state import State
from core.store.runs import Run
from core.text.numbers import percent
from core.training import prepare
from core.training.lifecycle import publish, tensorboard_events
from core.training.loop import Training

_GRID = 8
_STATE = {"network", "optimizer", "progress", "chosen", "frozen"}
# What the session adds to them: seconds worked, the rows of metrics.csv and the digest of split.csv.
_SECONDS, _ROWS, _SPLIT = "seconds", "rows", "split"


class Session:
    """`say` takes a state for the user (and whether it must be written at once); `check_stop` raises when the run has
    been asked to stop, and within `at_once` that is not waited for."""

    def __init__(
        self, run: Run, say: Callable[..., None], check_stop: Callable[[], None],
        at_once: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:  # fmt: skip
        self.run, self.config = run, run.config
        self._say, self._check_stop, self._at_once = say, check_stop, at_once
        self._started = time.monotonic()
        # Of the sessions before this one, until their last checkpoint.
        self._worked = 0.0
        self._rows: list[dict[str, float]] = []
        self._split = ""
        self._epoch = 0
        self._epoch_seconds: float | None = None

    def train(self) -> Path:
        """Train to the end and publish; returns the model file. Raises UserError, and whatever check_stop raises."""
        config = self.config
        start = prepare.starting_point(config)
        state = self._checkpoint() if self.run.checkpoint_file.exists() else None
        photos = prepare.photos(self.run, start, self._counting("Reading photos"), state.get(_SPLIT) if state else None)
        self._split = splits.digest(splits.read(self.run.split_file))
        self._announce(photos)
        preprocessing = Preprocessing(config.image_size)
        parts = {
            part: FacePhotos(config.folder.resolve(), photos.part(part), photos.labels, preprocessing)
            for part in splits.PARTS
        }
        for part in parts.values():
            part.fill(self._counting("Decoding photos"))
        found = self._marks(parts["train"]) if config.robust or config.drawn_masks else {}
        self._say(State("running", self._weights_message()), force=True)
        with self._at_once():
            self.run.write_network(describe(config, len(photos.labels)).as_dict())
            torch.manual_seed(config.seed)
            training = self._training(parts, prepare.network(config, len(photos.labels), start), found, state)
            self._save_augmented(training)
        with tensorboard_events.opened(self.run.folder) as write_events:
            for row in training.epochs():
                self._save_epoch(training, row, write_events)
        return self._publish(training, parts, photos)

    def _publish(self, training: Training, parts: dict[str, FacePhotos], photos: prepare.Photos) -> Path:
        self._say(State("running", "Evaluating on training, validation and test photos"), force=True)
        training.load_best()
        best = publish.best_network(training, photos, self.config)
        trained, numbers, predictions = publish.report(
            self.run.id, best, training, parts, photos, self._seconds, self._counting("Measuring photos")
        )
        self._check_stop()
        publish.publish(self.run, trained, numbers, predictions, photos)
        print(f"model {trained.path}", flush=True)
        return trained.path

    def _marks(self, train: FacePhotos) -> Mapping[str, Marks | None]:
        return landmarks.find(train.root, [row.file for row in train.rows], self._counting("Finding faces"))

    def _training(
        self, parts: dict[str, FacePhotos], network: nn.Module, found: Mapping[str, Marks | None],
        state: dict[str, Any] | None,
    ) -> Training:  # fmt: skip
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        training = Training(
            self.config, network, parts["train"], parts["val"], device, self._step_done, found, state,
            self._counting("Computing augmented features"), self._evaluated,
        )  # fmt: skip
        print(training.compute.chosen.log_line, flush=True)
        if state:
            print(f"resumed after epoch {training.progress.epoch}", flush=True)
        self._epoch = training.progress.epoch
        self._go_on(state or {})
        return training

    def _go_on(self, state: dict[str, Any]) -> None:
        """Take up what the sessions before this one have left; a checkpoint of the last release leaves less."""
        self._rows = state.get(_ROWS) or self._known_rows()
        self._worked = state.get(_SECONDS) or sum(row["seconds"] for row in self._rows)
        self._epoch_seconds = self._rows[-1]["seconds"] if self._rows else None
        # Said before the rows are cut: a reader takes fewer rows than epochs for a damaged file.
        self._step_done(0.0, force=True)
        self.run.write_metrics(self._rows)

    def _known_rows(self) -> list[dict[str, float]]:
        with suppress(UserError):
            return [row for row in self.run.metrics() if row["epoch"] <= self._epoch]
        return []

    def _seconds(self) -> float:
        """How long the run has worked, in all its sessions; without what was trained after a checkpoint and lost."""
        return self._worked + time.monotonic() - self._started

    def _checkpoint(self) -> dict[str, Any]:
        # A damaged file raises a dozen kinds of error; the answer is the same. torch doesn't look at the checksums.
        with suppress(Exception):
            with ZipFile(self.run.checkpoint_file) as archive:
                whole = archive.testzip() is None
            state = torch.load(self.run.checkpoint_file, map_location="cpu", weights_only=True)
            if whole and state.keys() >= _STATE:
                return state
        raise UserError(f"last.ckpt of {self.run.id} is damaged: delete this run and train it again.")

    def _save_epoch(self, training: Training, row: dict[str, float], write_events: tensorboard_events.Write) -> None:
        # Metrics first: a row without its checkpoint is cut on resume, a checkpoint without its row would leave a gap.
        self.run.append_metrics(row)
        self._rows.append(row)
        own = {_SECONDS: self._seconds(), _ROWS: self._rows, _SPLIT: self._split}
        with replacing(self.run.checkpoint_file) as draft:
            torch.save(training.state() | own, draft)
        write_events(row)
        print(
            f"epoch {int(row['epoch'])}/{self.config.epochs}  loss {row['train_loss']:.4f}/{row['val_loss']:.4f}  "
            f"accuracy {row['train_accuracy']:.4f}/{row['val_accuracy']:.4f}  {row['images_per_second']:.0f} images/s",
            flush=True,
        )
        self._epoch, self._epoch_seconds = int(row["epoch"]), row["seconds"]
        self._step_done(0.0)

    def _announce(self, photos: prepare.Photos) -> None:
        table = splits.counts(photos.rows)
        for part in splits.PARTS:
            print(part, {str(label): table[part][label] for label in photos.labels}, flush=True)
        if said := sentences.moved(*splits.moved(photos.rows), self.config.weights):
            print(said, flush=True)
        for item in photos.refused:
            print(f"refused {item.file}: {item.reason}", flush=True)

    def _save_augmented(self, training: Training) -> None:
        images = training.first_batch()[: _GRID * _GRID]
        pixels = images.cpu().numpy()
        empty = np.full_like(pixels[:1], 255).repeat(-len(pixels) % _GRID, axis=0)
        tiles = np.concatenate([pixels, empty])
        lines = [np.concatenate(list(tiles[i : i + _GRID]), axis=2) for i in range(0, len(tiles), _GRID)]
        sheet = Image.fromarray(np.concatenate(lines, axis=1).transpose(1, 2, 0))
        sheet.thumbnail((1600, 1600))
        with replacing(self.run.augmented_file) as draft:
            sheet.save(draft, "PNG")

    def _weights_message(self) -> str:
        if self.config.weights == IMAGENET and not pretrained.imagenet_file(self.config.backbone).exists():
            return "Downloading ImageNet weights"
        return "Preparing the network"

    def _counting(self, what: str) -> Callable[[int, int], object]:
        def progress(done: int, total: int) -> None:
            self._check_stop()
            self._say(State("running", f"{what}: {done} of {total}"))

        return progress

    def _step_done(self, share: float, force: bool = False) -> None:
        self._check_stop()
        done, epochs = self._epoch, self.config.epochs
        left = self._epoch_seconds * (epochs - done - share) if self._epoch_seconds else None
        # A long training's bar hardly moves within an epoch: its share is told.
        within = f", {percent(share, 0)}" if share else ""
        self._say_epoch(within, share, left, force)

    def _evaluated(self, done: int, total: int) -> None:
        self._check_stop()
        self._say_epoch(f", evaluating photo {done:,} of {total:,}", 1.0, None)

    def _say_epoch(self, within: str, share: float, left: float | None, force: bool = False) -> None:
        done, epochs = self._epoch, self.config.epochs
        message = f"Epoch {min(done + 1, epochs)} of {epochs}{within}"
        self._say(State("running", message, epoch=done, progress=(done + share) / epochs, seconds_left=left), force)
