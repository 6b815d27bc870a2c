"""Continuing from a trained network, photos lost in mid-run, and runs that can not go on."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
import torch

from core import paths
from core.data import split as splits
from core.data.dataset import FacePhotos
from core.data.preprocess import Preprocessing
from core.errors import UserError
from core.labels import THREE_CLASSES
from core.networks import files
from core.networks.build import build
from core.networks.operating import OperatingPoint
from core.runs import create
from core.training import launch, prepare
from core.training.loop import Training
from tests.support import tiny_config, wait_for


def _trained(config, seen):
    path = paths.models_dir() / "BasicCNN-earlier.pth"
    torch.manual_seed(3)
    network = build(config, len(THREE_CLASSES))
    point = OperatingPoint(0.5)
    trained = files.Trained(path, network, config, THREE_CLASSES, Preprocessing(32), 1.0, point, {}, frozenset(seen))
    files.save(path, trained)
    return path


def test_test_photos_that_the_starting_network_has_seen_are_set_aside(faces):
    config = tiny_config(faces)
    run = create(config, 3)
    plain = prepare.photos(run, None, lambda done, total: None)
    victim = plain.part("test")[0]
    path = _trained(config, [plain.digests[victim.file]])
    later = create(config.model_copy(update={"weights": path.name}), 3)
    start = prepare.starting_point(later.config)
    photos = prepare.photos(later, start, lambda done, total: None)
    assert victim.file not in {row.file for row in photos.rows}
    assert "not a test photo any more" in next(item.reason for item in photos.refused if item.file == victim.file)
    assert len(photos.part("train")) == len(plain.part("train"))
    assert photos.seen == {plain.digests[victim.file]}


def test_continuing_starts_from_the_networks_weights(faces):
    config = tiny_config(faces)
    path = _trained(config, [])
    later = config.model_copy(update={"weights": path.name})
    start = prepare.starting_point(later)
    same, other = prepare.network(later, 3, start), prepare.network(later, 2, start)
    assert torch.equal(same.classifier[-1].weight, start.network.classifier[-1].weight)
    assert torch.equal(other.features[0].weight, start.network.features[0].weight)
    assert torch.equal(other.classifier[-1].weight, start.network.classifier[-1].weight[:2])


def test_continuing_from_another_backbone_is_refused_before_a_run_exists(faces):
    path = _trained(tiny_config(faces), [])
    with pytest.raises(UserError, match="is a BasicCNN, not a MobileNet"):
        launch.start(tiny_config(faces, backbone="MobileNet", weights=path.name))
    assert not list(paths.runs_dir().iterdir())


def test_a_wrong_path_is_told_before_missing_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    config = tiny_config(tmp_path / "nowhere", backbone="MobileNet", weights="imagenet")
    with pytest.raises(UserError, match="There is no folder"):
        launch.start(config)


def test_photo_lost_after_the_scan_is_noted_and_left_out(faces, tmp_path):
    shutil.copytree(faces, tmp_path / "faces")
    rows = [splits.Row(path.relative_to(tmp_path / "faces").as_posix(), THREE_CLASSES[0], "g", "train")
            for path in sorted((tmp_path / "faces" / "mask").iterdir())[:4]]  # fmt: skip
    photos = FacePhotos(tmp_path / "faces", rows, THREE_CLASSES, Preprocessing(32))
    (tmp_path / "faces" / rows[1].file).unlink()
    for _ in range(2):
        pixels, target, items = photos.load(range(4))
        assert (len(pixels), len(target), items) == (3, 3, [0, 2, 3])
    assert [item.file for item in photos.lost] == [rows[1].file]
    assert torch.equal(pixels[1], photos[2][0])
    (tmp_path / "faces" / rows[3].file).unlink()
    assert photos.load([3]).items == [3], "what was decoded once is kept"


def test_a_loss_that_is_no_number_ends_the_run_with_advice(faces):
    config = tiny_config(faces, learning_rate=1.0, optimizer="sgd", epochs=5)
    run = create(config, 3)
    photos = prepare.photos(run, None, lambda done, total: None)
    train, val = (FacePhotos(faces, photos.part(part), THREE_CLASSES, Preprocessing(32)) for part in ("train", "val"))
    network = build(config, 3)
    with torch.no_grad():
        network.classifier[-1].bias.fill_(math.nan)
    training = Training(config, network, train, val, torch.device("cpu"), np.abs)
    with pytest.raises(UserError, match="lower the learning rate"):
        list(training.epochs())


def test_damaged_checkpoint_is_a_sentence(faces):
    run = launch.start(tiny_config(faces, epochs=200))
    wait_for(lambda: run.state.epoch >= 1, 90)
    launch.stop(run)
    run.checkpoint_file.write_bytes(b"no checkpoint")
    launch.resume(run)
    wait_for(lambda: not run.state.active, 60)
    assert (run.state.status, "last.ckpt is damaged" in run.state.message) == ("failed", True)
