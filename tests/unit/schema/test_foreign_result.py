"""The report in a model file from elsewhere: shown where it is a run's report, else as good as not there."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.networks import checkpoint
from core.schema import run_report
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.schema.result import UnsureResult
from core.schema.run_report import as_json
from core.store.paths import STARTER_FILE
from tests.fixtures.hostile import HOSTILE
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.result_fixtures import changed, measured, reported


def with_numbers(path: Path, numbers: Any) -> checkpoint.Trained:
    """The network of a model file in which these stand as the report, whatever they are."""
    content = torch.load(tiny_model(path), weights_only=True)
    torch.save(content | {"numbers": numbers}, path)
    return checkpoint.load(path)


def test_what_training_writes_is_read_back(tmp_path: Path):
    for classes in (TWO_CLASSES, THREE_CLASSES):
        trained = checkpoint.load(tiny_model(tmp_path / "own.pth", classes))
        checkpoint.save(trained.path, replace(trained, report=reported(classes)))
        assert checkpoint.load(trained.path).report == reported(classes)


def test_one_of_the_last_releases_is_read(tmp_path: Path):
    """It had no version and none of the keys that came since."""
    content = torch.load(STARTER_FILE, weights_only=True)
    found = content["numbers"]
    for key in ("schema_version", "moved_to_training", "version", "automatic_point"):
        del found[key]
    del found["val"]["unsure"], found["test"]["unsure"], content["unsure_above"]
    torch.save(content, tmp_path / "older.pth")
    older = checkpoint.load(tmp_path / "older.pth")
    assert older.report.test.accuracy == found["test"]["accuracy"] and older.report.test.unsure is None
    assert older.report.facts.python == found["facts"]["python"] and older.unsure_above is None


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("accuracy",), HOSTILE["picture"]),
        (("accuracy",), "0.9"),
        (("accuracy",), True),
        (("accuracy",), float("nan")),
        (("accuracy",), 1.5),
        (("n",), -1),
        (("n",), 0),
        (("n",), 10**400),
        (("classes",), ["mask", HOSTILE["html picture"]]),
        (("classes",), ["no_mask", "wrong_mask"]),
        (("confusion",), [[1, 2, 3], [4, 5]]),
        (("per_class", "mask", "recall"), [HOSTILE["link"]]),
        (("per_class", "mask", "recall_interval"), None),
        (("per_class", HOSTILE["colour"]), {}),
        (("per_class",), {}),
        (("calibration", "temperature"), 0),
        (("calibration", "bins"), []),
        (("operating", "target"), float("inf")),
        (("operating", "curve"), [[0, 1]]),
        (("operating", "miss_interval"), None),
        (("operating",), None),
    ],
)
def test_what_is_no_report_is_left_out(place: tuple[str, ...], value: Any, tmp_path: Path):
    numbers = as_json(reported())
    inner = numbers["test"]
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    loaded = with_numbers(tmp_path / "foreign.pth", numbers)
    assert loaded.report is None and loaded.labels == tuple(Label)


@pytest.mark.parametrize(
    "spoilt",
    [{"above": float("nan")}, {"above": 2.0}, {"photos": -1}, {"photos": 3}, {"photos": 61}, {"errors_unsure": 13},
     {"errors": 61}, {"errors_unsure_interval": None}, {"errors_unsure_interval": HOSTILE["link"]}],
)  # fmt: skip
def test_what_is_no_count_of_what_is_withheld_is_left_out(spoilt: dict, tmp_path: Path):
    own = {"above": 0.3, "photos": 9, "errors": 12, "errors_unsure": 4, "errors_unsure_interval": (0.1, 0.6)}
    numbers = as_json(reported(test=changed(measured(), unsure=UnsureResult(**own))))
    assert with_numbers(tmp_path / "foreign.pth", numbers).report.test.unsure == UnsureResult(**own)
    numbers["test"]["unsure"] |= spoilt
    assert with_numbers(tmp_path / "foreign.pth", numbers).report is None


@pytest.mark.parametrize("more", [HOSTILE["icon"], b"bytes", {"mask": 3}])
def test_what_is_not_known_is_not_taken_over(more: Any, tmp_path: Path):
    numbers = as_json(reported())
    spoilt = copy.deepcopy(numbers)
    for inner in (spoilt, spoilt["test"], spoilt["test"]["per_class"]["mask"]):
        inner |= {"more": more, "left_out": more}
    assert as_json(with_numbers(tmp_path / "foreign.pth", spoilt).report) == numbers


@pytest.mark.parametrize("numbers", [{}, {3: 4}, {"schema_version": 2}, {"run": "x", "test": {}}])
def test_other_things_are_no_report(numbers: dict, tmp_path: Path):
    with pytest.raises(ValueError):
        run_report.parse(numbers)
    assert with_numbers(tmp_path / "foreign.pth", numbers).report is None
