"""After the last epoch: measure the best epoch's network on every part, and publish it with its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core import paths
from core.config import TrainConfig
from core.data.dataset import FacePhotos
from core.data.scan import as_rows
from core.data.split import Row
from core.evaluation.metrics import summarise
from core.evaluation.predict import decide, predict
from core.labels import Label
from core.networks import files
from core.networks.build import parameter_counts
from core.runs import Run
from core.training.loop import Training, measure
from core.training.prepare import Photos


def best_network(training: Training, photos: Photos, config: TrainConfig) -> files.Trained:
    """The network of the best epoch, on the CPU, with the name it will be published under."""
    training.network.load_state_dict(training.progress.best)
    path = files.free_path(paths.models_dir(), files.file_name(config, len(photos.labels)))
    own = {photos.digests[row.file] for row in photos.rows if row.part != "test"}
    return files.Trained(
        path, training.network.cpu().eval(), config, photos.labels, training.train.preprocessing, {}, photos.seen | own
    )


def report(
    trained: files.Trained, training: Training, parts: dict[str, FacePhotos], photos: Photos
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(report.json, rows of predictions.csv). This is the only place where test photos are shown to the network."""
    train = measure(trained.network, parts["train"], trained.config.batch_size, torch.device("cpu"))
    results, predictions = {}, []
    for part in ("val", "test"):
        used, probability, broken = predict(trained, parts[part].root, parts[part].rows)
        photos.refused.extend(broken)
        results[part] = summarise([row.label for row in used], decide(probability, trained.labels), trained.labels)
        predictions += _prediction_rows(used, probability, trained.labels)
    trainable, total = parameter_counts(training.network)
    progress = training.progress
    numbers = {
        "labels": [str(label) for label in trained.labels],
        "photos": {part: len(own) for part, own in parts.items()},
        "refused": len(photos.refused),
        "best_epoch": progress.best_epoch,
        "epochs": progress.epoch,
        "train_accuracy_training_mode": progress.best_train_accuracy,
        "train_accuracy": train.accuracy,
        "train_loss": train.loss,
        "val": results["val"],
        "test": results["test"],
        "trainable_parameters": trainable,
        "parameters": total,
        "model": trained.path.name,
    }
    return numbers, predictions


def publish(
    run: Run, trained: files.Trained, numbers: dict[str, Any], predictions: list[dict[str, Any]], photos: Photos
) -> None:
    """Write the run's results and the model file; a model without its report is taken back."""
    run.write_refused(as_rows(tuple(photos.refused)))
    run.write_predictions(tuple(str(label) for label in trained.labels), predictions)
    trained.numbers.update(numbers)
    files.save(trained.path, trained)
    try:
        run.write_report(numbers)
    except OSError:
        trained.path.unlink(missing_ok=True)
        raise


def _prediction_rows(rows: list[Row], probability: np.ndarray, labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    return [
        {"file": row.file, "label": str(row.label), "part": row.part}
        | {f"p_{label}": f"{value:.6f}" for label, value in zip(labels, values, strict=True)}
        for row, values in zip(rows, probability, strict=True)
    ]
