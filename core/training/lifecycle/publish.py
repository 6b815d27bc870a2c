"""After the last epoch: calibrate the best epoch's network and choose its operating point on validation photos, measure
it on every part, and publish it with its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.scan import Progress, Refused, as_rows
from core.data.dataset.split import PART_NAMES
from core.data.dataset.torch_dataset import FacePhotos
from core.data.dataset.versions.manifest import Head
from core.evaluation.one_run import calibration
from core.evaluation.one_run import choose_threshold as operating
from core.evaluation.one_run.measure import measure as measure_predictions
from core.evaluation.one_run.predict import predict
from core.evaluation.one_run.predictions import Predictions
from core.inference import unsure
from core.machine.environment import machine_facts
from core.networks import checkpoint
from core.networks.build import parameter_counts
from core.networks.operating_point import likeliest
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT
from core.schema.result import ChosenPoint
from core.schema.run_report import Moved, PartCounts, PhotosVersion, RunReport
from core.schema.train_config import TrainConfig
from core.store import paths
from core.store.runs import Run
from core.training.loop import Training
from core.training.prepare import Photos


def best_network(training: Training, photos: Photos, config: TrainConfig) -> checkpoint.Trained:
    """The best epoch's network, where it was trained, with the name it will be published under; not calibrated yet."""
    path = checkpoint.free_path(paths.models_dir(), checkpoint.file_name(config, len(photos.labels)))
    own = {photos.digests[row.file] for row in photos.rows if row.part != "test"}
    return checkpoint.Trained(
        path=path,
        network=training.network.eval(),
        config=config,
        labels=photos.labels,
        preprocessing=training.train.preprocessing,
        temperature=1.0,
        operating_point=likeliest(),
        report=None,
        seen=photos.seen | own,
    )


def choose(trained: checkpoint.Trained, val: Predictions) -> checkpoint.Trained:
    """The network with the temperature, the operating point and the uncertainty above which it is unsure, as its
    uncalibrated predictions of validation photos ask for. Test photos have no say in any of them."""
    temperature = calibration.fit_temperature(_log(val.probability), _places(val))
    calibrated = _calibrated(val, temperature)
    point = operating.choose(calibrated.mask_probability, val.true == str(COMPLIANT))
    above = unsure.choose(unsure.uncertainty(calibrated.probability), unsure.VALIDATION_SHARE)
    return replace(trained, temperature=temperature, operating_point=point, unsure_above=above)


def report(
    run_id: str, best: checkpoint.Trained, training: Training, parts: dict[str, FacePhotos], photos: Photos,
    worked: Callable[[], float], progress: Progress | None = None,
) -> tuple[checkpoint.Trained, RunReport, dict[str, Predictions]]:  # fmt: skip
    """(the calibrated network, report.json, calibrated predictions of validation and test). All three parts are
    measured the same way, by torch in float32, whatever computed the training. This is the only place where test photos
    are shown to the network. `worked` says how many seconds the run has worked by now."""
    known, lost = _predict(best, parts["train"], progress)
    uncalibrated, broken = _predict(best, parts["val"], progress)
    trained = choose(best, uncalibrated)
    tested, more_broken = _predict(trained, parts["test"], progress)
    photos.refused.extend([*lost, *broken, *more_broken])
    # What was lost while training is found lost again where it is measured.
    before = {item for part in parts.values() for item in part.lost}
    photos.refused.extend(sorted(before - set(photos.refused), key=lambda item: item.file))
    predictions = {"val": _calibrated(uncalibrated, trained.temperature), "test": tested}
    _check_readable(predictions, photos)
    trainable, total = parameter_counts(training.network)
    measured = {
        part: measure_predictions(own, trained.operating_point, trained.temperature, trained.unsure_above)
        for part, own in predictions.items()
    }
    moved, groups = splits.moved(photos.rows)
    numbers = RunReport(
        run=run_id,
        labels=trained.labels,
        photos=PartCounts(**{part: len(own) for part, own in parts.items()}),
        version=_version(photos.version),
        moved_to_training=Moved(photos=moved, groups=groups),
        refused=len(photos.refused),
        best_epoch=training.progress.best_epoch,
        epochs=training.progress.epoch,
        train_accuracy_training_mode=training.progress.best_train_accuracy,
        train_accuracy=float((known.guess == known.true).mean()),
        train_loss=calibration.log_loss(known.probability, _places(known)),
        temperature=trained.temperature,
        operating_point=ChosenPoint(**asdict(trained.operating_point)),
        **measured,
        trainable_parameters=trainable,
        parameters=total,
        model=trained.path.name,
        seconds=worked(),
        facts=machine_facts(),
    )
    return trained, numbers, predictions


def publish(
    run: Run, trained: checkpoint.Trained, numbers: RunReport, predictions: dict[str, Predictions], photos: Photos
) -> None:
    """Write the run's results and the model file; a model without its report is taken back."""
    run.write_refused(as_rows(tuple(photos.refused)))
    rows = [row for part, own in predictions.items() for row in _rows(own, part)]
    run.write_predictions(tuple(str(label) for label in trained.labels), rows)
    run.write_seen(trained.seen)
    checkpoint.save(trained.path, replace(trained, report=numbers))
    try:
        run.write_report(numbers)
    except OSError:
        trained.path.unlink(missing_ok=True)
        raise


def _version(head: Head | None) -> PhotosVersion | None:
    return PhotosVersion(id=head.id, photos=head.photos, when=head.when) if head else None


def _check_readable(predictions: dict[str, Predictions], photos: Photos) -> None:
    """Raises UserError when all photos of a label were lost on the way: then nothing tells how well it is known."""
    counts = splits.counts(photos.rows)
    for part, own in predictions.items():
        for label in photos.labels:
            if counts[part][label] and label not in own.true:
                raise UserError(
                    f"No {PART_NAMES[part]} photo of {label} can be read any more: put the photos back, then resume."
                )


def _places(predictions: Predictions) -> np.ndarray:
    """(n,) the place among the classes of each photo's label."""
    names = [str(label) for label in predictions.classes]
    return np.array([names.index(name) for name in predictions.true], dtype=int)


def _predict(
    trained: checkpoint.Trained, photos: FacePhotos, progress: Progress | None
) -> tuple[Predictions, list[Refused]]:
    used, probability, broken = predict(trained, photos.root, photos.rows, progress)
    own = Predictions(
        files=tuple(row.file for row in used),
        true=np.array([str(row.label) for row in used], dtype=str),
        groups=np.array([row.group for row in used], dtype=str),
        probability=probability,
        classes=trained.labels,
    )
    return own, broken


def _calibrated(predictions: Predictions, temperature: float) -> Predictions:
    return replace(predictions, probability=calibration.apply(predictions.probability, temperature))


def _log(probability: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probability, np.finfo(float).tiny))


def _rows(predictions: Predictions, part: str) -> list[dict[str, Any]]:
    """Rows of predictions.csv. Nine digits, so that who passes at the operating point follows from the file."""
    columns = zip(predictions.files, predictions.true, predictions.groups, predictions.probability, strict=True)
    return [
        {"file": file, "label": str(true), "group": str(group), "part": part}
        | {f"p_{label}": f"{value:.9g}" for label, value in zip(predictions.classes, values, strict=True)}
        for file, true, group, values in columns
    ]
