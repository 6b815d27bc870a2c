"""report.json: what is written is read back with all its keys; what can't be read is one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.schema import run_report
from core.schema.errors import UserError
from core.schema.labels import THREE_CLASSES, TWO_CLASSES
from core.schema.result import UnsureResult
from core.schema.run_report import VERSION, as_json
from core.store import runs
from core.store.files.checked_json import unseal
from core.store.runs import Run
from tests.fixtures.result_fixtures import changed, measured, reported
from tests.fixtures.support import tiny_config

# What scripts of users may read: none of these may be renamed or go.
KEYS = {
    "": "run labels photos version moved_to_training refused best_epoch epochs train_accuracy_training_mode "
    "train_accuracy train_loss temperature operating_point automatic_point val test trainable_parameters parameters "
    "model seconds facts",
    "photos": "train val test",
    "moved_to_training": "photos groups",
    "operating_point": "threshold target rule when",
    "facts": "when python packages commit os cpu cores threads memory gpus",
    "test": "classes n accuracy balanced_accuracy confusion per_class groups accuracy_grouped_interval "
    "balanced_accuracy_interval photos_to_halve calibration operating unsure",
    "test per_class mask": "precision recall f1 n precision_interval recall_interval f1_interval",
    "test calibration": "temperature ece ece_uncalibrated log_loss log_loss_uncalibrated bins",
    "test calibration bins 0": "low high n confidence accuracy interval",
    "test operating": "threshold target rule when miss_rate miss_interval misses violators false_alarm_rate "
    "false_alarm_interval false_alarms compliant curve",
    "test unsure": "above photos errors errors_unsure errors_unsure_interval",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runs.create(tiny_config(tmp_path), 3)


def written(run: Run, content: Any) -> Run:
    run.report_file.write_text(json.dumps(content))
    return run


def at(content: Any, place: str) -> Any:
    for key in place.split():
        content = content[int(key) if isinstance(content, list) else key]
    return content


def test_it_is_read_back_as_it_was_written(run: Run):
    assert run.report() is None
    for labels in (TWO_CLASSES, THREE_CLASSES):
        run.write_report(reported(labels))
        assert run.report() == reported(labels)
        assert unseal(run.report_file.read_text()) == as_json(reported(labels))


@pytest.mark.parametrize("place", KEYS)
def test_every_key_has_its_name(run: Run, place: str):
    own = UnsureResult(above=0.3, photos=9, errors=0, errors_unsure=0, errors_unsure_interval=None)
    run.write_report(reported(test=changed(measured(), unsure=own)))
    content = json.loads(run.report_file.read_text())
    assert (content.pop("schema_version"), len(content.pop("digest"))) == (VERSION, 32)
    assert list(at(content, place)) == KEYS[place].split()


def test_one_without_a_version_is_of_the_last_release(run: Run):
    content = as_json(reported())
    del content["schema_version"], content["version"], content["moved_to_training"]
    assert written(run, content).report() == reported()
    assert run.summary().tested == 60


def test_an_operating_point_of_the_last_release_was_chosen_for_its_target(run: Run):
    content = as_json(reported())
    for point in (content["operating_point"], content["test"]["operating"], content["val"]["operating"]):
        del point["rule"], point["when"]
    assert written(run, content).report() == reported()
    assert run.report().operating_point.rule == "target"


def test_one_of_a_newer_version_says_so(run: Run):
    written(run, as_json(reported()) | {"schema_version": VERSION + 1})
    with pytest.raises(UserError) as caught:
        run.report()
    assert str(caught.value) == (
        f"report.json of {run.id} was written by a newer Mask Lab (version 2, and this one reads up to 1): "
        "update Mask Lab to open it."
    )
    assert run.summary() is None


def test_a_key_that_is_not_known_does_no_harm(run: Run):
    assert written(run, as_json(reported()) | {"beauty": 3}).report() == reported()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seconds": None}, "seconds: "),
        ({"schema_version": "new"}, "schema_version: "),
        ({"labels": ["mask", "hat"]}, r"labels\.1: "),
        ({"test": {"accuracy": 0.5}}, r"test\.classes: Field required"),
        ({"train_accuracy": 1.2}, "train_accuracy: "),
        ({"operating_point": {"threshold": 0.4, "target": 0.02, "rule": "hand", "when": "soon"}}, "operating_point: "),
        ({"operating_point": {"threshold": 0.4, "target": 0.02, "rule": "likeliest"}}, "operating_point: "),
        ({"val": as_json(reported())["val"] | {"n": 0}}, "val: .* no photos"),
    ],
)
def test_a_foreign_one_is_a_sentence_with_the_file_the_place_and_what_to_do(run: Run, change: dict, said: str):
    written(run, as_json(reported()) | change)
    sentence = rf"^report.json of {run.id} is not a report of a run \({said}.*\): put a copy of it back, or train "
    with pytest.raises(UserError, match=sentence) as caught:
        run.report()
    assert "\n" not in str(caught.value)
    assert run.summary() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"digest": "x"}'])
def test_a_damaged_one_is_a_sentence(run: Run, text: str):
    run.report_file.write_text(text)
    with pytest.raises(UserError, match=rf"^report.json of {run.id} is damaged: put a copy of it back, or train"):
        run.report()


def test_nothing_in_it_can_be_changed():
    report = reported()
    for model, name in ((report, "epochs"), (report.test, "n"), (report.test.calibration.bins[0], "low")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(model, name, 3)


def test_rounding_does_no_harm():
    near = changed(measured(), balanced_accuracy_interval=(-1e-17, 1 + 2e-16))
    assert run_report.parse(as_json(reported(test=near))).test.balanced_accuracy_interval == (-1e-17, 1 + 2e-16)
