"""The network that ships with the project: small, whole, private, described by its card, and a start for others."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from core.data.dataset.scan import scan
from core.data.dataset.split import Row
from core.evaluation.one_run.predict import predict
from core.evaluation.wording import sentences
from core.networks import checkpoint, pretrained
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES
from core.schema.train_config import STARTER, STARTER_BACKBONE
from core.store import paths
from core.text.numbers import NO_BREAK_SPACE, percent
from core.training.lifecycle import launch
from models.recipe import RECIPE, SOURCES, dataset
from tests.fixtures.support import tiny_config, wait_for

CARD = paths.STARTER_FILE.with_suffix(".md")


@pytest.fixture(scope="module")
def starter() -> checkpoint.Trained:
    return checkpoint.load(paths.STARTER_FILE)


def test_it_is_the_recipes_and_small(starter: checkpoint.Trained):
    assert starter.labels == THREE_CLASSES
    assert RECIPE.items() <= starter.config.model_dump().items()
    assert paths.STARTER_FILE.stat().st_size <= 10 * 2**20


def test_neither_file_says_where_it_was_made(starter: checkpoint.Trained):
    text = CARD.read_text(encoding="utf-8") + repr(starter.report) + starter.config.model_dump_json()
    assert not any(name in text for name in ("/home", "/work", "/tmp", "/root", str(Path.home()), socket.gethostname()))
    assert "/" not in starter.config.dataset


def test_the_card_says_the_numbers_of_the_file(starter: checkpoint.Trained):
    card, test = CARD.read_text(encoding="utf-8"), starter.report.test
    assert f"On {test.n} test photos" in card
    assert f"| balanced accuracy | {percent(test.balanced_accuracy)} |" in card
    wrong = test.per_class["wrong_mask"]
    assert f"| recall of wrong_mask ({wrong.n} photos) | {percent(wrong.recall)} |" in card
    for section in ("Intended use", "Out of scope", "Training data", "Under stress", "Where the photos come from"):
        assert f"## {section}\n" in card


def test_its_operating_point_is_over_sources_that_were_left_out(starter: checkpoint.Trained):
    own, said = starter.operating_point, CARD.read_text(encoding="utf-8").replace(NO_BREAK_SPACE, " ")
    assert own.rule == "sources" and starter.unsure_above is not None
    assert starter.report.operating_point.threshold == starter.report.test.operating.threshold == own.threshold
    assert sentences.door(starter.report.test).replace(NO_BREAK_SPACE, " ") in said
    section = said.partition("## On photos of a source it never saw")[2].partition("\n## ")[0]
    assert all(f"| {source} |" in section for source in SOURCES)


def test_the_card_says_where_its_photos_come_from(starter: checkpoint.Trained):
    card = CARD.read_text(encoding="utf-8")
    assert all(f"- {source}: {origin}." in card for source, origin in SOURCES.items())


def test_real_faces_are_mostly_called_what_they_are(photos: Path, own_home: Path, starter: checkpoint.Trained):
    """On the recipe's own dataset, imported as it says."""
    folders = {source: photos / source if source == "faces" else photos / "more" / source for source in SOURCES}
    root = dataset(folders)
    unseen = [photo for photo in scan(root).photos if photo.digest not in starter.seen]
    assert len(unseen) == starter.report.test.n
    used, probability, _ = predict(starter, root, [Row(photo.file, photo.label, photo.file, "") for photo in unseen])
    right = [starter.labels[index] is row.label for row, index in zip(used, probability.argmax(axis=1), strict=True)]
    assert sum(right) / len(right) == pytest.approx(starter.report.test.accuracy, abs=0.005)


def test_a_training_continues_from_it_without_imagenet(faces: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCH_HOME", str(own_home / "empty"))
    run = launch.start(tiny_config(faces, backbone=STARTER_BACKBONE, weights=STARTER, image_size=64))
    state = wait_for(lambda: None if run.state.active else run.state, 240)
    assert state.status == "finished", run.job.log_tail()
    assert checkpoint.load(paths.models_dir() / run.report().model).seen > checkpoint.load(paths.STARTER_FILE).seen


def test_it_is_named_where_imagenet_cannot_be_had(faces: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCH_HOME", str(own_home / "empty"))
    monkeypatch.setattr(pretrained, "_reachable", lambda host: False)
    with pytest.raises(UserError, match=STARTER):
        launch.start(tiny_config(faces, backbone=STARTER_BACKBONE, weights="imagenet"))
