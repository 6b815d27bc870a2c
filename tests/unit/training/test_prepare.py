"""Continuing from a trained network, photos lost in mid-run, and runs that can not go on."""

from __future__ import annotations

import csv
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.dataset import split as splits
from core.data.dataset.scan import scan
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.preprocessing import Preprocessing
from core.evaluation.stress import worker
from core.networks import checkpoint
from core.networks.build import build
from core.networks.operating_point import OperatingPoint
from core.report import words
from core.report.material import collect
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.schema.train_config import STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths
from core.store.runs import create
from core.training import prepare
from core.training.lifecycle import launch
from core.training.loop import Training
from tests.fixtures.compare_fixtures import files_tested, finished_run, right
from tests.fixtures.support import picture, tiny_config, wait_for

THIRDS = (0.4, 0.3, 0.3)


def _trained(config, seen):
    path = paths.models_dir() / "BasicCNN-earlier.pth"
    torch.manual_seed(3)
    network = build(config, len(THREE_CLASSES))
    point = OperatingPoint(0.5)
    trained = checkpoint.Trained(
        config, THREE_CLASSES, Preprocessing(32), 1.0, point, None, frozenset(seen), path, network
    )
    checkpoint.save(path, trained)
    return path


def _prepared(config: TrainConfig, path: Path | None = None) -> prepare.Photos:
    """The photos of a new run that goes on from a network, or from nothing."""
    run = create(config.model_copy(update={"weights": path.name if path else "none"}), 3)
    photos = prepare.photos(run, prepare.starting_point(run.config), lambda done, total: None)
    assert splits.read(run.split_file) == photos.rows
    return photos


@pytest.mark.parametrize("part", ["val", "test"])
def test_a_group_of_which_the_starting_network_has_seen_a_photo_trains(faces: Path, part: str):
    config = tiny_config(faces, split=THIRDS)
    plain = _prepared(config)
    victim = plain.part(part)[0]
    group = {row.file for row in plain.rows if row.group == victim.group}
    assert len(group) > 1
    photos = _prepared(config, _trained(config, [plain.digests[victim.file]]))
    assert {row.file for row in photos.rows if row.moved_from} == group
    assert {row.file for row in photos.part("train")} == {row.file for row in plain.part("train")} | group
    assert splits.moved(photos.rows) == (len(group), 1)
    assert photos.refused == []
    assert photos.seen == {plain.digests[victim.file]}


def test_a_new_photo_of_a_person_who_was_learnt_trains(faces: Path, tmp_path: Path):
    own = Path(shutil.copytree(faces, tmp_path / "own"))
    config = tiny_config(own, split=THIRDS)
    first = _prepared(config)
    path = _trained(config, [first.digests[row.file] for row in first.part("val")])
    known = first.part("val")[0]
    # Another picture of that person: nothing but groups.csv says so.
    picture(7).save(own / "mask" / "new.png")
    with (own / "groups.csv").open("a") as file:
        file.write(f"mask/new.png,{_listed(own)[known.file]}\n")
    later = _prepared(config, path)
    assert "mask/new.png" in {row.file for row in later.part("train")}
    assert not {row.group for row in later.part("train")} & {row.group for row in later.rows if row.part != "train"}


def test_a_person_learnt_by_a_label_that_is_left_out_now_trains(faces: Path):
    config = tiny_config(faces, split=THIRDS)
    plain = _prepared(config)
    victim = next(row for row in plain.part("test") if row.label is Label.WRONG_MASK)
    path = _trained(config, [plain.digests[victim.file]])
    two = _prepared(config.model_copy(update={"wrong_mask": False}), path)
    own = {row.file for row in plain.rows if row.group == victim.group and row.label is not Label.WRONG_MASK}
    assert own
    assert own <= {row.file for row in two.part("train")}


def test_a_split_of_an_older_release_measures_nothing_that_was_learnt(faces: Path):
    config = tiny_config(faces, split=THIRDS)
    plain = _prepared(config)
    victim = plain.part("val")[0]
    path = _trained(config, [plain.digests[victim.file]])
    run = create(config.model_copy(update={"weights": path.name}), 3)
    lines = [f"{row.file},{row.label},{row.group},{row.part}" for row in plain.rows]
    run.split_file.write_text("\n".join(["file,label,group,part", *lines]) + "\n")
    photos = prepare.photos(run, prepare.starting_point(run.config), lambda done, total: None)
    assert {row.part for row in photos.rows if row.group == victim.group} == {"train"}
    assert splits.read(run.split_file) == photos.rows


def test_a_network_that_has_seen_everything_is_refused_before_a_run_exists(faces: Path):
    config = tiny_config(faces, split=THIRDS)
    path = _trained(config, [photo.digest for photo in scan(faces).photos])
    with pytest.raises(UserError, match=r"BasicCNN-earlier.pth has learnt .* no mask photo for validation.* Add"):
        launch.start(config.model_copy(update={"weights": path.name}))
    assert not list(paths.runs_dir().iterdir())


def test_the_starter_measures_nothing_with_what_it_has_learnt(photos: Path, tmp_path: Path):
    for label in TWO_CLASSES:
        (tmp_path / "some" / label).mkdir(parents=True)
        for path in sorted((photos / "faces" / label).iterdir())[:400:5]:
            shutil.copy(path, tmp_path / "some" / label)
    starter = checkpoint.load(paths.STARTER_FILE)
    config = tiny_config(tmp_path / "some", backbone=STARTER_BACKBONE, weights=STARTER, split=THIRDS)
    own = prepare.photos(create(config, 2), starter, lambda done, total: None)
    known = {row.file for row in own.rows if own.digests[row.file] in starter.seen}
    measured = {row.file for row in own.rows if row.part != "train"}
    assert splits.moved(own.rows)[0] > 0
    assert len(known) > len(measured) > 0
    assert not known & measured


def test_a_run_that_goes_on_says_what_it_moved_and_measures_the_rest(faces: Path):
    config = tiny_config(faces, split=THIRDS, epochs=1)
    plain = _prepared(config)
    victims = [plain.part("val")[0], plain.part("test")[0]]
    path = _trained(config, [plain.digests[row.file] for row in victims])
    run = launch.start(config.model_copy(update={"weights": path.name}))
    wait_for(lambda: not run.state.active, 120)
    assert run.state.status == "finished", run.job.log_tail()
    learnt = {row.group for row in victims}
    moved = [row for row in plain.rows if row.group in learnt]
    said = f"{len(moved)} photos of 2 groups moved to training from validation and test: {path.name} has learnt"
    assert said in run.job.log_tail()
    assert said in words.split(collect(run))
    assert run.report().moved_to_training.model_dump() == {"photos": len(moved), "groups": 2}
    used = {part: {row.file for row in splits.read(run.split_file) if row.part == part} for part in splits.PARTS}
    assert {part: len(own) for part, own in used.items()} == run.report().photos.model_dump()
    for part in ("val", "test"):
        assert {row["file"] for row in run.predictions() if row["part"] == part} == used[part]
        assert not {row["group"] for row in run.predictions()} & learnt
    assert {row.file for row in worker.test_photos(run)} == used["test"]
    network = checkpoint.load(paths.models_dir() / run.report().model)
    assert network.seen == {plain.digests[file] for part in ("train", "val") for file in used[part]}


def test_the_stress_suite_takes_the_photos_that_the_run_was_measured_with(faces: Path):
    """A run of an older release lists test photos in split.csv that were set aside."""
    run = finished_run(faces, right)
    aside = files_tested(run)[0]
    run.write_refused([{"file": aside, "reason": "earlier.pth was trained with it: not a test photo any more"}])
    assert [row.file for row in worker.test_photos(run)] == files_tested(run)[1:]


def _listed(folder: Path) -> dict[str, str]:
    with (folder / "groups.csv").open(newline="") as file:
        return {row["file"]: row["group"] for row in csv.DictReader(file)}


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
    assert (run.state.status, run.state.message.startswith(f"last.ckpt of {run.id} is damaged")) == ("failed", True)
