"""The background process of one run: `python -m core.training.worker RUN_FOLDER`.

Waits for the machine, trains, publishes the network, and leaves every outcome in the run folder.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

import numpy as np
import torch
from filelock import FileLock, Timeout
from PIL import Image
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from core import paths, runs
from core.config import IMAGENET, NO_WEIGHTS, TrainConfig
from core.data import split as splits
from core.data.dataset import FacePhotos
from core.data.preprocess import Preprocessing
from core.data.scan import Refused, Scan, as_rows, scan
from core.errors import UserError
from core.evaluation.metrics import summarise
from core.evaluation.predict import decide, predict
from core.labels import TWO_CLASSES, Label
from core.networks import files, weights
from core.networks.build import build, parameter_counts
from core.runs import Run, State
from core.training.loop import Training, make_optimizer, measure

_STATE_EVERY_SECONDS = 0.7
_GRID = 8
# torch.save's words for a disk that takes no more (it raises RuntimeError).
_DISK_FULL = ("No space left", "file write failed", "unexpected pos")


class Stopped(Exception):
    """Someone asked the run to stop."""


class Worker:
    """One run from queue to report."""

    def __init__(self, run: Run) -> None:
        self.run, self.config = run, run.config
        self._stop = False
        self._said = 0.0
        self.started: float | None = None
        signal.signal(signal.SIGTERM, self._asked_to_stop)

    def work(self) -> None:
        """Wait for the machine and train; whatever happens ends in state.json."""
        try:
            with self._machine():
                self.started = time.time()
                self._train()
        except Stopped:
            self._end("stopped", runs.STOPPED)
        except UserError as error:
            self._end("failed", str(error))
        except Exception as error:
            # The log may be on the disk that is full.
            with suppress(OSError):
                traceback.print_exc()
            self._end("failed", _sentence(error))

    def _machine(self) -> FileLock:
        """The lock of the machine, once it is this run's turn: first come, first served."""
        lock = FileLock(runs.lock_file())
        while True:
            self._check_stop()
            if ahead := self._ahead():
                self._say(State("queued", f"Waiting for {ahead}"))
            else:
                try:
                    return lock.acquire(timeout=0.2).lock
                except Timeout:
                    self._say(State("queued", "Waiting for the machine"))
            time.sleep(0.3)

    def _ahead(self) -> str | None:
        others = [run for run in runs.every() if run.state.active and run.order < self.run.order]
        return min(others, key=lambda run: run.order).id if others else None

    def _train(self) -> None:
        config = self.config
        rows, refused, digests = self._rows()
        labels = tuple(label for label in Label if any(row.label == label for row in rows))
        self._announce(rows, labels, refused)
        preprocessing = Preprocessing(config.image_size)
        parts = {part: self._photos(rows, part, labels, preprocessing) for part in splits.PARTS}
        self._say(State("running", self._weights_message()), force=True)
        training = self._training(parts, len(labels))
        self._save_augmented(training)
        with SummaryWriter(str(self.run.folder)) as board:
            for row in training.epochs():
                self._save_epoch(training, row, board)
        trained = self._trained(training, labels, preprocessing, digests, rows)
        self._finish(trained, training, parts, rows, refused)

    def _rows(self) -> tuple[list[splits.Row], list[Refused], dict[str, str]]:
        """(rows of the split, refused files, file -> digest). A resumed run keeps the split it began with."""
        found: Scan = scan(self.config.folder, self._scan_progress)
        digests = {photo.file: photo.digest for photo in found.photos}
        if self.run.split_file.exists():
            rows = splits.read(self.run.split_file)
        else:
            rows = splits.split(found, self.config.split, self.config.seed)
            rows = [row for row in rows if self.config.wrong_mask or row.label in TWO_CLASSES]
            splits.write(rows, self.run.split_file)
        gone = [Refused(row.file, "the file is gone or damaged") for row in rows if row.file not in digests]
        refused = [*found.refused, *gone]
        self.run.write_refused(as_rows(tuple(refused)))
        return [row for row in rows if row.file in digests], refused, digests

    def _photos(
        self, rows: list[splits.Row], part: str, labels: tuple[Label, ...], preprocessing: Preprocessing
    ) -> FacePhotos:
        own = [row for row in rows if row.part == part]
        return FacePhotos(self.config.folder.resolve(), own, labels, preprocessing)

    def _training(self, parts: dict[str, FacePhotos], classes: int) -> Training:
        config = self.config
        torch.manual_seed(config.seed)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = _starting_network(config, classes).to(device)
        training = Training(
            config, network, make_optimizer(config, network), parts["train"], parts["val"], device, self._step_done
        )
        if self.run.checkpoint_file.exists():
            state = torch.load(self.run.checkpoint_file, map_location=device, weights_only=True)
            training.restore(state)
            print(f"resumed after epoch {training.progress.epoch}", flush=True)
        self.run.cut_metrics(training.progress.epoch)
        self._training_now = training
        return training

    def _save_epoch(self, training: Training, row: dict[str, float], board: SummaryWriter) -> None:
        # Metrics first: a row without its checkpoint is cut on resume, a checkpoint without its row would leave a gap.
        self.run.append_metrics(row)
        draft = self.run.checkpoint_file.with_suffix(".tmp")
        try:
            torch.save(training.state(), draft)
            os.replace(draft, self.run.checkpoint_file)
        finally:
            draft.unlink(missing_ok=True)
        for name, value in row.items():
            board.add_scalar(name, value, int(row["epoch"]))
        print(
            f"epoch {int(row['epoch'])}/{self.config.epochs}  loss {row['train_loss']:.4f}/{row['val_loss']:.4f}  "
            f"accuracy {row['train_accuracy']:.4f}/{row['val_accuracy']:.4f}  {row['images_per_second']:.0f} images/s",
            flush=True,
        )
        self._step_done(0.0)

    def _trained(
        self, training: Training, labels: tuple[Label, ...], preprocessing: Preprocessing, digests: dict[str, str],
        rows: list[splits.Row],
    ) -> files.Trained:  # fmt: skip
        training.network.load_state_dict(training.progress.best)
        network = training.network.cpu().eval()
        path = files.free_path(paths.models_dir(), files.file_name(self.config, len(labels)))
        seen = frozenset(digests[row.file] for row in rows if row.part != "test")
        return files.Trained(path, network, self.config, labels, preprocessing, {}, seen)

    def _finish(
        self, trained: files.Trained, training: Training, parts: dict[str, FacePhotos], rows: list[splits.Row],
        refused: list[Refused],
    ) -> None:  # fmt: skip
        self._say(State("running", "Measuring on training, validation and test photos"), force=True)
        train = measure(trained.network, parts["train"], self.config.batch_size, torch.device("cpu"))
        self._check_stop()
        results, predictions = {}, []
        for part in ("val", "test"):
            used, probability, broken = predict(trained, parts[part].root, parts[part].rows)
            refused += broken
            results[part] = summarise([row.label for row in used], decide(probability, trained.labels), trained.labels)
            predictions += _prediction_rows(used, probability, trained.labels)
        trainable, total = parameter_counts(training.network)
        report = {
            "labels": [str(label) for label in trained.labels],
            "photos": {part: len(photos) for part, photos in parts.items()},
            "refused": len(refused),
            "best_epoch": training.progress.best_epoch,
            "epochs": training.progress.epoch,
            "train_accuracy_training_mode": training.progress.best_train_accuracy,
            "train_accuracy": train.accuracy,
            "train_loss": train.loss,
            "val": results["val"],
            "test": results["test"],
            "trainable_parameters": trainable,
            "parameters": total,
            "seconds": time.time() - (self.started or time.time()),
            "model": trained.path.name,
        }
        self.run.write_refused(as_rows(tuple(refused)))
        self.run.write_predictions(tuple(str(label) for label in trained.labels), predictions)
        trained.numbers.update(report)
        files.save(trained.path, trained)
        self.run.write_report(report)
        print(f"model {trained.path}", flush=True)
        self._end("finished", f"Published as {trained.path.name}")

    def _announce(self, rows: list[splits.Row], labels: tuple[Label, ...], refused: list[Refused]) -> None:
        table = splits.counts(rows)
        for part in splits.PARTS:
            print(part, {str(label): table[part][label] for label in labels}, flush=True)
        for item in refused:
            print(f"refused {item.file}: {item.reason}", flush=True)

    def _save_augmented(self, training: Training) -> None:
        images = training.first_batch()[: _GRID * _GRID]
        pixels = (images.clamp(0, 1) * 255).byte().cpu().numpy()
        empty = np.full_like(pixels[:1], 255).repeat(-len(pixels) % _GRID, axis=0)
        tiles = np.concatenate([pixels, empty])
        lines = [np.concatenate(list(tiles[i : i + _GRID]), axis=2) for i in range(0, len(tiles), _GRID)]
        sheet = Image.fromarray(np.concatenate(lines, axis=1).transpose(1, 2, 0))
        sheet.thumbnail((1600, 1600))
        sheet.save(self.run.augmented_file)

    def _weights_message(self) -> str:
        if self.config.weights == IMAGENET and not weights.imagenet_file(self.config.backbone).exists():
            return "Downloading ImageNet weights"
        return "Starting the first epoch"

    def _scan_progress(self, done: int, total: int) -> None:
        self._check_stop()
        self._say(State("running", f"Reading photos: {done} of {total}"))

    def _step_done(self, share: float) -> None:
        self._check_stop()
        done, epochs = self._training_now.progress.epoch, self.config.epochs
        last = self.run.metrics()[-1:] if time.monotonic() - self._said > _STATE_EVERY_SECONDS else []
        left = last[0]["seconds"] * (epochs - done - share) if last else None
        message = f"Epoch {min(done + 1, epochs)} of {epochs}"
        self._say(State("running", message, epoch=done, progress=(done + share) / epochs, seconds_left=left))

    def _say(self, state: State, force: bool = False) -> None:
        if not force and time.monotonic() - self._said < _STATE_EVERY_SECONDS:
            return
        self._said = time.monotonic()
        self.run.write_state(State(**{**vars(state), "started": self.started}))

    def _end(self, status: runs.Status, message: str) -> None:
        epoch = len(self.run.metrics())
        progress = 1.0 if status == "finished" else epoch / self.config.epochs
        ended = time.time()
        self.run.write_state(
            State(status, message, epoch=epoch, progress=progress, started=self.started, ended=ended)
        )
        with suppress(OSError):
            print(f"{status}: {message}", flush=True)

    def _asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop = True

    def _check_stop(self) -> None:
        if self._stop:
            raise Stopped


def _sentence(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(words in str(error) for words in _DISK_FULL):
        return "The disk is full: free some space, then resume."
    return str(error) if number else f"{type(error).__name__}: {error}"


def _starting_network(config: TrainConfig, classes: int) -> nn.Module:
    if config.weights in (IMAGENET, NO_WEIGHTS):
        return build(config, classes)
    start = files.load(weights.trained_file(config.weights))
    if start.config.backbone != config.backbone:
        raise UserError(f"weights: {config.weights} is a {start.config.backbone}, not a {config.backbone}.")
    network = build(config.model_copy(update={"weights": NO_WEIGHTS}), classes)
    wanted = network.state_dict()
    # A two-class network's last layer does not fit three classes: that layer then starts anew.
    fitting = {key: value for key, value in start.network.state_dict().items() if value.shape == wanted[key].shape}
    network.load_state_dict(fitting, strict=False)
    return network


def _prediction_rows(rows: list[splits.Row], probability: np.ndarray, labels: tuple[Label, ...]) -> list[dict]:
    return [
        {"file": row.file, "label": str(row.label), "part": row.part}
        | {f"p_{label}": f"{value:.6f}" for label, value in zip(labels, values, strict=True)}
        for row, values in zip(rows, probability, strict=True)
    ]


def main() -> None:
    """Entry of the background process."""
    Worker(Run(Path(sys.argv[1]))).work()


if __name__ == "__main__":
    main()
