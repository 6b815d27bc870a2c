"""A real training process that nobody disturbs: what it leaves in the run folder, and what is refused beforehand."""

from __future__ import annotations

import csv
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.evaluation.one_run.metrics import summarise
from core.networks import checkpoint
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, Label
from core.store import paths, runs
from core.store.runs import METRICS
from core.training.lifecycle import launch
from tests.fixtures.processes import EPOCHS, Finished, long_config
from tests.fixtures.support import tiny_config


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_it_starts_as_queued_and_ends_as_finished(finished_run: Finished):
    assert finished_run.status_at_once in ("queued", "running")
    state = finished_run.run.state
    assert (state.status, state.epoch, state.progress) == ("finished", EPOCHS, 1.0), finished_run.run.job.log_tail()
    assert state.started < state.ended
    assert not finished_run.run.resumable
    with pytest.raises(UserError, match="is finished: only a stopped or failed run"):
        launch.resume(finished_run.run)
    with pytest.raises(UserError, match="nothing to stop"):
        launch.stop(finished_run.run)


def test_every_file_of_the_run_folder_is_there(finished_run: Finished):
    folder = finished_run.run.folder
    for name in (
        "config.json", "state.json", "metrics.csv", "log.txt", "split.csv", "augmented.png", "predictions.csv",
        "report.json", "last.ckpt", "refused.csv", "seen.csv", "sums.json",
    ):  # fmt: skip
        assert (folder / name).stat().st_size > 0, name
    assert len(list(folder.glob("events.out.tfevents.*"))) == 1
    assert not list(folder.glob("*.tmp"))
    assert finished_run.run.config == long_config(folder.parents[2] / "faces")


def test_one_row_an_epoch(finished_run: Finished):
    rows = read_csv(finished_run.run.metrics_file)
    assert tuple(rows[0]) == (*METRICS, "crc32")
    assert [int(row["epoch"]) for row in rows] == list(range(1, EPOCHS + 1))
    assert all(0 <= float(row["val_accuracy"]) <= 1 and float(row["seconds"]) > 0 for row in rows)
    assert all(0 <= float(row["measured_train_accuracy"]) <= 1 for row in rows)
    assert float(rows[-1]["seconds_left"]) == 0
    assert np.mean([float(row["train_loss"]) for row in rows[-5:]]) < float(rows[0]["train_loss"])


def test_tensorboard_sees_the_same_curves(finished_run: Finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished_run.run.folder))
    events.Reload()
    board, rows = events.Scalars("val_loss"), finished_run.run.metrics()
    assert [item.step for item in board] == [row["epoch"] for row in rows]
    assert [item.value for item in board] == pytest.approx([row["val_loss"] for row in rows], rel=1e-6)


def test_the_augmented_batch_is_a_picture(finished_run: Finished):
    with Image.open(finished_run.run.augmented_file) as image:
        assert image.size == (8 * 32, 32)
        assert np.asarray(image).std() > 10


def test_test_photos_are_those_of_the_split(finished_run: Finished):
    split, predictions = read_csv(finished_run.run.split_file), read_csv(finished_run.run.predictions_file)
    for part in ("val", "test"):
        of_split = {(row["file"], row["label"], row["group"]) for row in split if row["part"] == part}
        assert {(row["file"], row["label"], row["group"]) for row in predictions if row["part"] == part} == of_split
        assert of_split
    assert {row["part"] for row in predictions} == {"val", "test"}
    for row in predictions:
        assert sum(float(row[f"p_{label}"]) for label in THREE_CLASSES) == pytest.approx(1, abs=1e-8)
    groups = {part: {row["group"] for row in split if row["part"] == part} for part in splits.PARTS}
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["val"]
    assert not groups["val"] & groups["test"]


def test_the_report_follows_from_the_predictions(finished_run: Finished):
    report = finished_run.run.report()
    for part, result in (("val", report.val), ("test", report.test)):
        rows = [row for row in finished_run.run.predictions() if row["part"] == part]
        guess = [max(THREE_CLASSES, key=lambda label, row=row: float(row[f"p_{label}"])) for row in rows]
        numbers = summarise([Label(row["label"]) for row in rows], guess, THREE_CLASSES)
        assert result.confusion == numbers.confusion
        assert result.accuracy == numbers.accuracy
        passed = [row for row in rows if float(row["p_mask"]) >= report.operating_point.threshold]
        assert result.operating.misses == sum(row["label"] != "mask" for row in passed)
        assert result.calibration.temperature == report.temperature
    metrics = finished_run.run.metrics()
    best = max(metrics, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert report.best_epoch == best["epoch"]
    assert report.val.accuracy == pytest.approx(best["val_accuracy"])
    assert report.train_accuracy_training_mode == pytest.approx(best["train_accuracy"])
    assert report.photos.train + report.photos.val + report.photos.test == 60
    assert report.refused == len(finished_run.broken)


def test_the_best_epoch_is_published(finished_run: Finished):
    report = finished_run.run.report()
    assert report.model == f"BasicCNN-not_retrain-3classes-8-{EPOCHS}-0.00100000.pth"
    trained = checkpoint.load(finished_run.home / "models" / report.model)
    best = torch.load(finished_run.run.checkpoint_file, weights_only=True)["progress"]["best"]
    state = trained.network.state_dict()
    assert all(torch.equal(state[name], value) for name, value in best.items())
    assert trained.report == report
    assert report.run == finished_run.run.id
    assert trained.temperature == report.temperature
    assert asdict(trained.operating_point) == report.operating_point.model_dump()
    found = scan(Path(finished_run.run.config.dataset))
    digests = {photo.file: photo.digest for photo in found.photos}
    rows = splits.read(finished_run.run.split_file)
    assert trained.seen == {digests[row.file] for row in rows if row.part != "test"} == finished_run.run.seen()


def test_broken_photos_are_listed_and_the_run_goes_on(finished_run: Finished):
    listed = {row["file"]: row["reason"] for row in finished_run.run.refused()}
    assert set(listed) == {f"no_mask/{name}" for name in finished_run.broken}
    for name, word in finished_run.broken.items():
        assert word in listed[f"no_mask/{name}"]
        assert f"refused no_mask/{name}" in finished_run.run.job.log_file.read_text()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: [file.unlink() for file in sorted((root / "wrong_mask").iterdir())[2:]], "need one group each"),
        (lambda root: shutil.rmtree(root / "no_mask"), "at least the folders mask and no_mask"),
        (lambda root: (root / "cats").mkdir(), "'cats', which is no label"),
    ],
)
def test_what_cannot_work_is_refused_before_a_run_exists(faces: Path, tmp_path: Path, spoil, words: str):
    shutil.copytree(faces, tmp_path / "faces")
    spoil(tmp_path / "faces")
    with pytest.raises(UserError, match=words):
        launch.start(tiny_config(tmp_path / "faces"))
    assert runs.every() == []
    assert list(paths.runs_dir().iterdir()) == []
