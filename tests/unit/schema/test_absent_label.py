"""A label without photos has no recall, and every place says so: null in JSON, "no photos" or a dash elsewhere."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.charts.matrix import confusion
from core.cli.main import main
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.wording import sentences
from core.networks.operating_point import OperatingPoint
from core.report import figures
from core.report.card import card
from core.report.html import page
from core.report.material import Material, collect
from core.schema.labels import THREE_CLASSES
from core.schema.result import Result
from core.ui.common import result_view
from tests.fixtures.cli_support import network
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.report_fixtures import Taken, completed
from tests.fixtures.result_fixtures import changed


@pytest.fixture
def measured() -> Result:
    """Of three labels, no photo shows wrong_mask, and none is called so."""
    true = np.array(["mask"] * 6 + ["no_mask"] * 6)
    probability = np.tile([0.7, 0.2, 0.1], (12, 1))
    probability[7:] = [0.2, 0.7, 0.1]
    names = tuple(map(str, range(12)))
    own = Predictions(names, true, np.array(names), probability, THREE_CLASSES)
    return measure(own, OperatingPoint(0.5, 0.02), 1.0)


@pytest.fixture
def material(faces: Path, measured: Result) -> Material:
    found = collect(completed(finished_run(faces, right)))
    return replace(found, report=changed(found.report, test=measured))


def test_evaluate_says_no_photos(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    for label in ("mask", "no_mask"):
        shutil.copytree(faces / label, tmp_path / "two" / label)
    numbers, model = tmp_path / "numbers.json", network(tmp_path / "three.pth", THREE_CLASSES)
    assert main(["evaluate", str(model), str(tmp_path / "two"), "--json", str(numbers)]) == 0
    row = json.loads(numbers.read_text())["per_class"]["wrong_mask"]
    assert (row["n"], row["recall"], row["recall_interval"], row["f1"], row["f1_interval"]) == (0, *[None] * 4)
    said = capsys.readouterr().out
    lines = [line for line in said.splitlines() if line.startswith("wrong_mask")]
    assert "no photos" in lines[1]
    assert "0.00–100.00" not in said
    (balanced,) = [line for line in said.splitlines() if line.startswith("balanced accuracy")]
    assert balanced.endswith("over mask and no_mask: no photo shows wrong_mask")


def test_a_door_that_nobody_came_to_has_no_rates():
    true = np.array(["no_mask"] * 5)
    names = tuple(map(str, range(5)))
    own = Predictions(names, true, np.array(names), np.tile([0.2, 0.7, 0.1], (5, 1)), THREE_CLASSES)
    door = measure(own, OperatingPoint(0.5, 0.02), 1.0)
    assert (door.operating.false_alarm_rate, door.operating.false_alarm_interval) == (None, None)
    assert "**0 of 0** correctly masked faces (–, –)" in sentences.door(door)


def test_a_page_shows_a_dash(measured: Result):
    row = result_view.per_class(measured).loc["wrong_mask"]
    assert (row["photos"], row["recall"], row["precision"], row["F1"]) == (0, "–", "–", "–")


def test_charts_leave_it_out(measured: Result):
    drawn = figures.per_class(measured).figure
    # Two labels in each of three blocks.
    assert len(drawn["data"]) == 6
    cells = confusion(measured.confusion, measured.classes).data[0].text
    assert list(cells[2]) == ["no photos"] * 3
    assert "no photos" not in {*cells[0], *cells[1]}


def test_report_and_card_show_a_dash_and_say_what_the_mean_is_over(material: Material):
    text, shown = card(material), Taken(page([material])).text
    assert "| recall of wrong_mask (0 photos) | – | – |" in text
    over = "over mask and no_mask: no photo shows wrong_mask"
    assert f"| balanced accuracy ({over}) |" in text
    assert f"mean of the recalls, {over}; from the recalls' limits" in shown
    assert "0.0 to 100.0" not in text + shown
