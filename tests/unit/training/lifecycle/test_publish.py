"""What is published: temperature and operating point are chosen on validation photos, and test photos have no say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss as reference_log_loss

from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.preprocessing import Preprocessing
from core.evaluation.one_run import calibration
from core.evaluation.one_run.predict import predict
from core.evaluation.one_run.predictions import of_run
from core.networks import checkpoint
from core.networks.build import build
from core.networks.operating_point import FALSE_ALARM_TARGET, OperatingPoint, likeliest, photos_to_show
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.store.runs import Run, create
from core.training.lifecycle import publish
from core.training.loop import Training
from core.training.prepare import Photos
from tests.fixtures.support import tiny_config


class Trial:
    """A network trained on the drawn faces, to be published again and again with other photos."""

    def __init__(self, root: Path, labels: tuple[Label, ...], **settings: str) -> None:
        found = scan(root)
        rows = [row for row in splits.split(found, (0.4, 0.3, 0.3), 0) if row.label in labels]
        self.root, self.labels = root, labels
        self.config = tiny_config(root, epochs=3, wrong_mask=len(labels) > 2, **settings)
        self.photos = Photos(rows, labels, [], {photo.file: photo.digest for photo in found.photos}, frozenset(), None)
        self.parts = {part: self.face_photos(self.photos.part(part)) for part in splits.PARTS}
        torch.manual_seed(0)
        network = build(self.config, len(labels))
        train, val = self.parts["train"], self.parts["val"]
        self.training = Training(self.config, network, train, val, torch.device("cpu"), lambda share: None)
        list(self.training.epochs())

    def face_photos(self, rows: list[Row]) -> FacePhotos:
        return FacePhotos(self.root, rows, self.labels, Preprocessing(32))

    def report(self, **parts: list[Row]) -> tuple:
        """What `publish.report` makes of these rows in place of a part's own."""
        photos = self.parts | {part: self.face_photos(rows) for part, rows in parts.items()}
        self.training.load_best()
        best = publish.best_network(self.training, self.photos, self.config)
        return publish.report("the run", best, self.training, photos, self.photos, lambda: 12.5)


@pytest.fixture(scope="module")
def trial(faces: Path) -> Trial:
    return Trial(faces, THREE_CLASSES)


def with_labels(rows: list[Row], labels: list[Label]) -> list[Row]:
    return [replace(row, label=label) for row, label in zip(rows, labels, strict=True)]


def turned(rows: list[Row]) -> list[Row]:
    """The same photos, each with another label."""
    return with_labels(rows, [THREE_CLASSES[(THREE_CLASSES.index(row.label) + 1) % 3] for row in rows])


def test_test_photos_have_no_say(trial: Trial):
    test = trial.photos.part("test")
    trained, numbers, predictions = trial.report()
    for other in (turned(test), test[::2], trial.photos.part("train")):
        again, changed, repeated = trial.report(test=other)
        assert (again.temperature, again.operating_point) == (trained.temperature, trained.operating_point)
        assert changed.val == numbers.val and changed.test != numbers.test
        assert np.array_equal(repeated["val"].probability, predictions["val"].probability)


def test_validation_photos_have_it(trial: Trial):
    trained, *_ = trial.report()
    again, *_ = trial.report(val=turned(trial.photos.part("val")))
    assert again.temperature != trained.temperature


def test_so_few_validation_photos_leave_it_to_the_likeliest_label(trial: Trial):
    trained, numbers, predictions = trial.report()
    assert (predictions["val"].true == "mask").sum() < photos_to_show(FALSE_ALARM_TARGET)
    assert trained.operating_point == likeliest()
    assert numbers.test.operating.rule == numbers.operating_point.rule == "likeliest"


def test_validation_photos_say_above_which_uncertainty_it_is_unsure(trial: Trial):
    trained, numbers, predictions = trial.report()
    few = predictions["val"]
    assert trained.unsure_above is None and numbers.test.unsure is None, f"{len(few)} photos can't show 1 %"
    own = few.only(np.tile(np.arange(len(few)), 30))
    chosen = publish.choose(replace(trained, temperature=1.0), own)
    score = 1 - calibration.apply(own.probability, chosen.temperature).max(axis=1)
    assert (score > chosen.unsure_above).mean() <= 0.01 < (score >= chosen.unsure_above).mean()


def test_the_temperature_does_on_validation_what_it_is_for(trial: Trial):
    _, numbers, predictions = trial.report()
    val = numbers.val
    assert val.calibration.log_loss < val.calibration.log_loss_uncalibrated
    own = predictions["val"]
    true = np.array([THREE_CLASSES.index(name) for name in own.true])
    for factor in (0.9, 1.1):
        assert calibration.log_loss(calibration.apply(own.probability, factor), true) > val.calibration.log_loss


def test_the_threshold_keeps_to_the_target_on_validation_photos_enough_to_show_it(trial: Trial):
    trained, _, predictions = trial.report()
    few = predictions["val"]
    own = few.only(np.tile(np.arange(len(few)), 30))
    chosen = publish.choose(replace(trained, temperature=1.0), own)
    score = calibration.apply(own.probability, chosen.temperature)[:, THREE_CLASSES.index(Label.MASK)]
    compliant = own.true == "mask"
    assert compliant.sum() >= photos_to_show(FALSE_ALARM_TARGET)
    assert chosen.operating_point.rule == "target"
    assert (~chosen.operating_point.passes(score[compliant])).mean() <= FALSE_ALARM_TARGET
    # The next score up would stop one compliant photo more than the target allows.
    higher = np.sort(score[compliant])[int(FALSE_ALARM_TARGET * compliant.sum())]
    assert not OperatingPoint(np.nextafter(higher, 1)).passes(higher) and chosen.operating_point.passes(higher)


def published(trial: Trial) -> tuple[Run, checkpoint.Trained]:
    run = create(trial.config, len(trial.labels))
    trained, numbers, predictions = trial.report()
    publish.publish(run, trained, numbers, predictions, trial.photos)
    return run, checkpoint.load(trained.path)


def test_the_published_network_says_what_was_written_of_it(trial: Trial):
    run, trained = published(trial)
    assert trained.report == run.report()
    for part in ("val", "test"):
        rows = trial.photos.part(part)
        used, probability, _ = predict(trained, trial.root, rows)
        written = of_run(run, part)
        assert written.files == tuple(row.file for row in used)
        assert list(written.groups) == [row.group for row in rows]
        assert np.allclose(written.probability, probability, rtol=1e-6, atol=1e-8)


def test_training_photos_are_measured_as_the_others_are(faces: Path):
    trial = Trial(faces, THREE_CLASSES, precision="bfloat16")
    trained, numbers, _ = trial.report()
    plain = replace(trained, temperature=1.0)
    for part, accuracy, loss in (
        ("train", numbers.train_accuracy, numbers.train_loss),
        *((name, result.accuracy, result.calibration.log_loss_uncalibrated)
          for name, result in (("val", numbers.val), ("test", numbers.test))),
    ):  # fmt: skip
        rows = trial.photos.part(part)
        _, probability, _ = predict(plain, trial.root, rows)
        true = np.array([THREE_CLASSES.index(row.label) for row in rows])
        assert accuracy == pytest.approx((probability.argmax(axis=1) == true).mean(), abs=1e-9)
        assert loss == pytest.approx(reference_log_loss(true, probability, labels=[0, 1, 2]), abs=1e-9)


def test_a_label_whose_photos_are_all_lost_ends_the_run_with_advice(trial: Trial):
    some = [row for row in trial.photos.part("test") if row.label is not Label.WRONG_MASK]
    with pytest.raises(UserError, match="No test photo of wrong_mask can be read any more: put the photos back"):
        trial.report(test=some)


def test_two_classes_are_calibrated_on_two(faces: Path):
    trained, numbers, predictions = Trial(faces, TWO_CLASSES).report()
    assert trained.labels == TWO_CLASSES
    assert numbers.val.classes == TWO_CLASSES
    assert set(predictions["val"].true) == {"mask", "no_mask"}
    assert numbers.val.operating.violators == (predictions["val"].true == "no_mask").sum()


def test_a_network_surer_than_it_is_right_is_made_less_sure(trial: Trial):
    names = np.array([str(label) for label in THREE_CLASSES])
    own = trial.report()[2]["val"]
    sure = np.full((len(own), 3), 1e-6)
    sure[np.arange(len(own)), 0] = 1 - 2e-6
    true = names[np.where(np.arange(len(own)) % 3, 0, 1)]
    best = publish.best_network(trial.training, trial.photos, trial.config)
    assert publish.choose(best, replace(own, probability=sure, true=true)).temperature > 5
