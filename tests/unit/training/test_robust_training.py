"""Robust training: what is drawn into training photos, where their faces are known, and a whole run of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from core.data.augment.robust import degrade
from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.faces import landmarks
from core.data.images.preprocessing import Preprocessing
from core.networks.build import build
from core.schema.labels import THREE_CLASSES
from core.store.job_state import State
from core.store.jobs import Stopped
from core.store.runs import create
from core.training.batches import Feed
from core.training.epoch_metrics import Measured
from core.training.lifecycle import launch
from core.training.lifecycle.session import Session
from core.training.loop import Training, seeded
from tests.fixtures.processes import house, wait_until_over
from tests.fixtures.support import tiny_config

SIDE = 64


@pytest.fixture
def root(faces: Path, tmp_path: Path) -> Path:
    return shutil.copytree(faces, tmp_path / "faces")


def training(root: Path, **settings) -> Training:
    """A training on six photos of each label, with their faces found."""
    rows = [
        Row(file.relative_to(root).as_posix(), label, file.name, "train")
        for label in THREE_CLASSES
        for file in sorted((root / label).iterdir())[:6]
    ]
    photos = FacePhotos(root, rows, THREE_CLASSES, Preprocessing(SIDE))
    config = tiny_config(root, image_size=SIDE, batch_size=18, **settings)
    torch.manual_seed(0)
    network = build(config, 3)
    found = landmarks.find(root, [row.file for row in rows])
    return Training(config, network, photos, photos, torch.device("cpu"), lambda share: None, found)


def expected(own: Training) -> torch.Tensor:
    """What the first batch should show, uint8, where nothing is warped."""
    generator = seeded(own.config.seed, 1)
    batch = next(own.batches(generator))
    assert batch.target.tolist() == [own.train.targets[item] for item in batch.items]
    assert all(torch.equal(pixels, own.train[item][0]) for pixels, item in zip(batch.pixels, batch.items, strict=True))
    known = [own.marks[own.train.rows[item].file] for item in batch.items]
    return degrade(batch.pixels, batch.target, THREE_CLASSES, known, generator)


def test_the_first_batch_shows_what_is_drawn_into_it(root: Path):
    own, plain = training(root, robust=True, augment=False), training(root, augment=False)
    shown = own.first_batch()
    assert torch.equal(shown, expected(own))
    changed = (shown != plain.first_batch()).flatten(1).any(dim=1)
    assert changed.any() and not changed.all()


def test_faces_and_photos_stay_together_when_one_is_lost(root: Path):
    own = training(root, robust=True, augment=False)
    for row in own.train.rows[9], own.train.rows[16]:
        (root / row.file).write_bytes(b"no picture")
    shown = own.first_batch()
    assert len(shown) == 16
    assert torch.equal(shown, expected(own))


def test_it_is_warped_too_and_the_same_each_time(root: Path):
    plain, one, two = (training(root, robust=True, augment=augment).first_batch() for augment in (False, True, True))
    assert torch.equal(one, two)
    assert not torch.equal(one, plain)


def test_measurements_see_the_photos_as_they_are(root: Path):
    own = training(root, robust=True, epochs=1)
    row = next(own.epochs())
    untouched = FacePhotos(root, own.train.rows, THREE_CLASSES, Preprocessing(SIDE))
    direct = Measured(own.compute, Feed(untouched, torch.device("cpu")), 18)()
    assert row["measured_train_accuracy"] == direct.accuracy
    assert row["measured_train_loss"] == pytest.approx(direct.loss, rel=1e-5)


def test_a_robust_run_finds_faces_first_and_finishes(faces: Path, tmp_path: Path):
    with house(tmp_path / "home") as home:
        run = launch.start(tiny_config(faces, robust=True))
        wait_until_over(run)
        assert run.state.status == "finished", run.job.log_tail()
        assert len(run.metrics()) == 2
        assert run.report().test.n == 6
        assert list((home / "cache" / "marks").iterdir())


def test_finding_faces_can_be_stopped(faces: Path):
    run = create(tiny_config(faces, robust=True), 3)
    said: list[str] = []

    def say(state: State, force: bool = False) -> None:
        said.append(state.message)

    def check_stop() -> None:
        if said and said[-1].startswith("Finding faces: 2 of "):
            raise Stopped

    with pytest.raises(Stopped):
        Session(run, say, check_stop).train()
    assert said[-2:] == ["Finding faces: 1 of 42", "Finding faces: 2 of 42"]
    assert not run.metrics()
