"""A run's notes: kept whole, checked, and never in the way; and what a run is called without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.schema import train_config
from core.schema.errors import UserError
from core.store import run_notes, runs
from core.store.run_notes import MOST_NAME, MOST_NOTE, MOST_TAG, MOST_TAGS, Notes
from core.store.runs import Run
from tests.fixtures.support import tiny_config


@pytest.fixture
def run(faces: Path) -> Run:
    return runs.create(tiny_config(faces), 3)


def test_what_is_written_is_read_again(run: Run):
    assert run.notes() == Notes()
    told = Notes("Door <b>2</b>, évening", "two\nlines", ("a", "b"), True)
    run.write_notes(told)
    assert runs.get(run.id).notes() == told
    assert run.name == told.name


def test_a_damaged_file_counts_as_none(run: Run):
    run.write_notes(Notes("mine"))
    path = run.folder / "notes.json"
    whole = path.read_text()
    cut = (whole[:end] for end in range(len(whole)))
    for text in (*cut, whole.replace("mine", "Mine"), "[]", '{"name": 3}', '{"tags": "ab"}'):
        path.write_text(text)
        assert run.notes() == Notes()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "x" * (MOST_NAME + 1)}, "The name has 81 characters"),
        ({"note": "x" * (MOST_NOTE + 1)}, "The note has 4,001 characters"),
        ({"tags": ("x" * (MOST_TAG + 1),)}, "has 31 characters"),
        ({"tags": tuple(map(str, range(MOST_TAGS + 1)))}, "There are 13 tags"),
        ({"name": "a\nb"}, "The name has control characters"),
        ({"note": "a\x00b"}, "The note has control characters"),
        ({"tags": ("a\x1bb",)}, "has control characters"),
        ({"name": "\ud800"}, "control characters"),
    ],
)
def test_what_can_t_be_kept_is_refused_in_a_sentence(values: dict[str, object], words: str):
    with pytest.raises(UserError, match=words):
        Notes(**values)


def test_what_was_typed_is_tidied():
    assert run_notes.tidy(" a ", "b\r\nc ", ["x ", "", " x", "y"], False) == Notes("a", "b\nc", ("x", "y"))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "MobileNet, last layer, 3 labels"),
        ({"mode": "retrain"}, "MobileNet, later layers, 3 labels"),
        ({"seed": 3, "image_size": 128}, "MobileNet, last layer, 3 labels, seed 3, 128 px"),
        ({"folds": 5, "fold": 0}, "MobileNet, last layer, 3 labels, fold 1 of 5"),
        ({"backbone": "BasicCNN", "weights": "none"}, "BasicCNN, 3 labels"),
        ({"backbone": "ResNet", "mode": "retrain", "learning_rate": 1e-4}, "ResNet, later layers, 3 labels"),
        (
            {"augment": False, "robust": True, "epochs": 3, "batch_size": 8},
            "MobileNet, last layer, 3 labels, no augmentation, robust training, 3 epochs",
        ),
    ],
)
def test_a_run_without_a_name_is_called_by_what_is_distinctive(values: dict[str, object], name: str, faces: Path):
    assert runs.create(train_config.make({"dataset": str(faces)} | values), 3).name == name


def test_a_run_whose_settings_are_gone_is_called_by_its_id(run: Run):
    (run.folder / "config.json").write_text("{")
    assert run.name == run.id
