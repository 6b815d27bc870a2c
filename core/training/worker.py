"""The background process of one run: `python -m core.training.worker RUN_FOLDER`.

Waits for the machine, trains, publishes the network, and leaves every outcome in the run folder.
"""

from __future__ import annotations

import errno
import os
import pickle
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

from core import runs
from core.config import IMAGENET
from core.data import split as splits
from core.data.dataset import FacePhotos
from core.data.preprocess import Preprocessing
from core.errors import UserError
from core.networks import weights
from core.runs import Run, State
from core.training import prepare, publish
from core.training.loop import Training, make_optimizer

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
        start = prepare.starting_point(config)
        photos = prepare.photos(self.run, start, self._scan_progress)
        self._announce(photos)
        preprocessing = Preprocessing(config.image_size)
        parts = {
            part: FacePhotos(config.folder.resolve(), photos.part(part), photos.labels, preprocessing)
            for part in splits.PARTS
        }
        self._say(State("running", self._weights_message()), force=True)
        torch.manual_seed(config.seed)
        training = self._training(parts, prepare.network(config, len(photos.labels), start))
        self._save_augmented(training)
        with SummaryWriter(str(self.run.folder)) as board:
            for row in training.epochs():
                self._save_epoch(training, row, board)
        self._say(State("running", "Measuring on training, validation and test photos"), force=True)
        trained = publish.best_network(training, photos, config)
        numbers, predictions = publish.report(trained, training, parts, photos)
        self._check_stop()
        photos.refused.extend(lost for part in parts.values() for lost in part.lost)
        numbers |= {"refused": len(photos.refused), "seconds": time.time() - self.started}
        publish.publish(self.run, trained, numbers, predictions, photos)
        print(f"model {trained.path}", flush=True)
        self._end("finished", f"Published as {trained.path.name}")

    def _training(self, parts: dict[str, FacePhotos], network: nn.Module) -> Training:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = network.to(device)
        optimizer = make_optimizer(self.config, network)
        training = Training(self.config, network, optimizer, parts["train"], parts["val"], device, self._step_done)
        if self.run.checkpoint_file.exists():
            training.restore(self._checkpoint(device))
            print(f"resumed after epoch {training.progress.epoch}", flush=True)
        self.run.cut_metrics(training.progress.epoch)
        self._training_now = training
        return training

    def _checkpoint(self, device: torch.device) -> dict:
        try:
            return torch.load(self.run.checkpoint_file, map_location=device, weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            raise UserError("last.ckpt is damaged: delete this run and start it again.") from None

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

    def _announce(self, photos: prepare.Photos) -> None:
        table = splits.counts(photos.rows)
        for part in splits.PARTS:
            print(part, {str(label): table[part][label] for label in photos.labels}, flush=True)
        for item in photos.refused:
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


def main() -> None:
    """Entry of the background process."""
    Worker(Run(Path(sys.argv[1]))).work()


if __name__ == "__main__":
    main()
