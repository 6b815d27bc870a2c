"""`compare` from the command line: sentences and tables on stdout, everything in --json, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.main import main
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on


@pytest.fixture
def runs(crowd) -> tuple[Run, Run]:
    """Two classes, and three with a mistake."""
    two = finished_run(crowd, right, wrong_mask=False)
    return two, finished_run(crowd, wrong_on(*files_tested(two)[:1]))


def test_sentences_tables_and_json(runs, tmp_path: Path, capsys):
    two, three = runs
    out = tmp_path / "numbers.json"
    assert main(["compare", two.id, str(three.folder), "--json", str(out)]) == 0
    printed, numbers = capsys.readouterr().out, json.loads(out.read_text())
    assert numbers["compared"][0]["sentence"] in printed
    assert numbers["compared"][0]["verdict"].startswith("B is better: it recognises wrongly worn masks (+100 points)")
    assert numbers["wrong_mask"]["advice"] in printed
    assert numbers["wrong_mask"]["verdict"] == "gain"
    assert numbers["wrong_mask"]["by_label"]["wrong_mask"]["three"] == 0
    assert [row["runs"] for row in numbers["table"]] == [[two.id], [three.id]]
    assert numbers["table"][1]["test"]["mean"] == three.report().test.accuracy
    assert numbers["compared"][0]["paired"]["only_a_right"] == 1
    assert f"| A | {two.report().model.removesuffix('.pth')} | 50.00 |" in printed
    assert "| against A |" in printed


def test_few_shared_photos_are_too_few_and_no_more(faces, tmp_path, capsys):
    pair = [finished_run(faces, right, wrong_mask=on) for on in (False, True)]
    out = tmp_path / "numbers.json"
    assert main(["compare", *(run.id for run in pair), "--json", str(out)]) == 0
    captured, numbers = capsys.readouterr(), json.loads(out.read_text())
    assert captured.out.count("too few to compare (30 at least)") == 1
    assert "points" not in captured.out and "| against A |" not in captured.out
    assert numbers["compared"][0]["too_few"] and numbers["compared"][0]["paired"] is None
    assert numbers["wrong_mask"] is None


def test_one_run_is_a_table_alone(runs, capsys):
    assert main(["compare", runs[0].id, runs[0].id]) == 0
    printed = capsys.readouterr().out
    assert "| A |" in printed
    assert "against" not in printed


def test_repeats_and_an_ablation_are_seen(crowd, tmp_path, capsys):
    settings = ((1e-2, False), (1e-3, False), (1e-2, True), (1e-3, True))
    four = [finished_run(crowd, right, learning_rate=rate, augment=on) for rate, on in settings]
    again = finished_run(crowd, right, learning_rate=1e-3, augment=True, seed=1)
    out = tmp_path / "numbers.json"
    assert main(["compare", *(run.id for run in (*four, again)), "--json", str(out)]) == 0
    numbers = json.loads(out.read_text())
    assert [len(row["runs"]) for row in numbers["table"]] == [1, 1, 1, 2]
    assert [row["run"] for row in numbers["ablations"][0]] == [run.id for run in four]
    assert "| learning rate and augmentation |" in capsys.readouterr().out


def test_several_of_a_kind_are_not_asked_about_wrong_mask(runs, crowd, capsys):
    other = finished_run(crowd, right, epochs=4)
    assert main(["compare", *(run.id for run in (*runs, other))]) == 0
    captured = capsys.readouterr()
    assert "name one run of two classes and one of three" in captured.err
    assert "wrongly worn masks instead of" not in captured.out


def test_what_is_refused(runs, tmp_path, capsys):
    assert main(["compare", "20990101-000000_nothing"]) == 2
    assert "There is no run" in capsys.readouterr().err
    assert main(["compare", str(tmp_path)]) == 2
    assert "is not a run in" in capsys.readouterr().err
    runs[0].report_file.unlink()
    assert main(["compare", runs[0].id, runs[1].id]) == 2
    assert "has no results yet" in capsys.readouterr().err
    assert main(["compare", runs[1].id, "--json", str(tmp_path / "no" / "x.json")]) == 2
    assert "can't be written" in capsys.readouterr().err
