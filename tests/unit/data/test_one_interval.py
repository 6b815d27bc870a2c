"""One accuracy has one 95 % interval, by group, wherever it is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.cli.main import main
from core.cli.terminal import finished
from core.cli.terminal.console import interval
from core.evaluation.compare import ablation, entries, repeats
from core.evaluation.one_run import bootstrap, calibration, predictions
from core.evaluation.wording import sentences
from core.report import words
from core.report.card import card
from core.report.html import page
from core.report.material import collect
from core.store.runs import Run
from core.store.sweeps import Row, Standing
from core.text.numbers import span
from core.ui.runs.sweeps import rows as sweep_table
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on
from tests.fixtures.report_fixtures import Taken, completed


@pytest.fixture
def run(faces: Path) -> Run:
    """Wrong on all photos of one person, which is where photos taken for independent mislead."""
    first = finished_run(faces, right)
    person = files_tested(first)[0].split("/")[1].split("_")[0]
    wrong = [file for file in files_tested(first) if f"/{person}_" in file]
    assert len(wrong) > 2
    return completed(finished_run(faces, wrong_on(*wrong), epochs=1))


def test_every_place_says_the_same_interval(run: Run, tmp_path: Path):
    own = predictions.of_run(run)
    hits = own.guess == own.true
    expected = bootstrap.share(hits, own.groups).interval
    alone = proportion_confint(hits.sum(), len(hits), method="wilson")
    assert span(alone) != span(expected), "or nothing is tested here"

    test = run.report().test
    assert [name for name in type(test).model_fields if name.startswith("accuracy_")] == ["accuracy_grouped_interval"]
    assert test.accuracy_grouped_interval == pytest.approx(expected)
    assert list(run.summary().interval) == pytest.approx(expected)
    assert interval(expected) in finished.test_line(run)
    assert span(expected) in sentences.result(test)
    (row,) = entries.table(repeats.entries([run]))
    assert list(row.interval) == pytest.approx(expected)
    assert row.as_dict()["test_interval"] == pytest.approx(expected)
    assert ablation.Ablation((run,) * 4).as_rows()[0]["test_interval"] == pytest.approx(expected)
    standing = Standing(Row("a row", "", run.config, 3, 1.0), "finished", run)
    assert sweep_table.rows([standing], report_a=False)[0]["95 % interval"] == span(expected)

    material = collect(run)
    assert span(expected) in words.verdict(material)
    assert f"{span(expected)} |" in card(material)
    shown = Taken(page([material, collect(completed(finished_run(run.config.folder, right, epochs=2)))])).text
    assert shown.count(span(expected)) >= 4
    assert span(alone) not in shown

    numbers = tmp_path / "compared.json"
    assert main(["compare", run.id, "--json", str(numbers)]) == 0
    assert json.loads(numbers.read_text())["table"][0]["test_interval"] == pytest.approx(expected)


def test_the_confidences_of_one_person_say_less_than_so_many_photos():
    probability = np.tile([0.95, 0.05], (40, 1))
    true = np.repeat([0, 1], [34, 6])
    (alone,) = calibration.reliability(probability, true, np.arange(40))
    (together,) = calibration.reliability(probability, true, np.arange(40) // 8)
    assert alone.interval == pytest.approx(proportion_confint(34, 40, method="wilson"))
    assert together.interval == bootstrap.share(true == 0, np.arange(40) // 8).interval
    assert together.interval[1] - together.interval[0] > alone.interval[1] - alone.interval[0]
