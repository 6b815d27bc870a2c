"""The numbers of a model file from elsewhere: shown where they are a test result, else as good as not there."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.networks import files
from core.networks.result import readable
from core.paths import STARTER_FILE
from tests.hostile import HOSTILE
from tests.live_fixtures import tiny_model
from tests.result_fixtures import measured


def test_what_training_writes_is_read_back(tmp_path: Path):
    for classes in (TWO_CLASSES, THREE_CLASSES):
        assert readable(measured(classes)) and readable(json.loads(json.dumps(measured(classes))))
    trained = files.load(tiny_model(tmp_path / "own.pth"))
    files.save(tmp_path / "own.pth", replace(trained, numbers={"run": "x", "test": measured()}))
    assert files.load(tmp_path / "own.pth").numbers == {"run": "x", "test": measured()}


def test_the_starter_has_one():
    assert readable(files.load(STARTER_FILE).numbers["test"])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("accuracy",), HOSTILE["picture"]),
        (("accuracy",), "0.9"),
        (("accuracy",), float("nan")),
        (("accuracy",), 1.5),
        (("n",), -1),
        (("n",), 10**400),
        (("classes",), ["mask", HOSTILE["html picture"]]),
        (("classes",), ["no_mask", "wrong_mask"]),
        (("confusion",), [[1, 2, 3], [4, 5]]),
        (("per_class", "mask", "recall"), [HOSTILE["link"]]),
        (("per_class", HOSTILE["colour"]), {}),
        (("per_class",), {}),
        (("calibration", "temperature"), 0),
        (("calibration", "bins"), []),
        (("operating", "target"), float("inf")),
        (("operating", "curve"), [[0, 1]]),
        (("operating",), None),
        (("left_out",), {"mask": 3}),
        (("more",), HOSTILE["icon"]),
        (("more",), b"bytes"),
    ],
)
def test_what_is_no_test_result_is_left_out(place: tuple[str, ...], value: Any, tmp_path: Path):
    test = copy.deepcopy(measured())
    inner = test
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    trained = files.load(tiny_model(tmp_path / "foreign.pth"))
    files.save(tmp_path / "foreign.pth", replace(trained, numbers={"run": "x", "test": test}))
    loaded = files.load(tmp_path / "foreign.pth")
    assert loaded.numbers == {"run": "x"} and loaded.labels == tuple(Label)


@pytest.mark.parametrize("test", [None, [], "text", 3, {}])
def test_other_things_are_no_test_result(test: Any):
    assert not readable(test)
