"""The table of runs: what it shows, how it is filtered, and what is done with the selected rows."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from core.store import runs, sweeps
from core.store.job_state import State
from core.store.run_notes import Notes
from core.store.sweeps import Row
from tests.app.conftest import words
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config


@pytest.fixture
def faces_run(home):
    """A tagged, starred run of BasicCNN beside the two trained ones."""
    run = finished_run(home / "datasets" / "drawn", right, seed=7)
    run.write_notes(Notes("Entrance, *new* camera", "after the move", ("entrance",), True))
    return run


def _table(app):
    return app.dataframe[0]


def _select(app, *rows):
    app.session_state[_table(app).key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def _button(app, label):
    return next(button for button in app.button if button.label == label)


def test_a_row_has_the_run_s_numbers_its_interval_and_its_curve(page, faces_run):
    rows = [{"epoch": epoch} | dict.fromkeys(runs.METRICS[1:], epoch / 4) for epoch in (1, 2, 3)]
    faces_run.write_metrics(rows)
    first = _table(page("2_Runs.py")).value.iloc[0]
    low, high = faces_run.report().test.accuracy_grouped_interval
    assert first["run"] == "★ Entrance, *new* camera"
    assert first["test"] == 100 * faces_run.report().test.accuracy
    assert first["95 % interval"] == f"{100 * low:.1f} to {100 * high:.1f}"
    assert list(first["curve"]) == [25.0, 50.0, 75.0]
    assert first["state"] == "finished" and first["photos"] == "drawn"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "ENTRANCE camera"}, 1), ({"search": "move"}, 1), ({"search": "garden"}, 0),
        ({"tag": "entrance"}, 1), ({"starred": "true"}, 1), ({"labels": "2 labels"}, 1), ({"labels": "3 labels"}, 2),
        ({"state": "finished"}, 3), ({"since": "last 7 days"}, 3), ({"labels": "2 labels", "search": "entrance"}, 0),
    ],
)  # fmt: skip
def test_the_address_filters_the_table(page, faces_run, query, found):
    app = page("2_Runs.py", **query)
    if found:
        assert len(_table(app).value) == found
        assert ("3 runs" if found == 3 else f"{found} of 3 runs") in words(app)
    else:
        assert not app.dataframe and "No run fits these filters" in words(app)


def test_filters_are_cleared_by_one_button(page, faces_run):
    app = page("2_Runs.py", search="garden", labels="2 labels")
    _button(app, "Clear the filters").click().run()
    assert len(_table(app).value) == 3 and "search" not in app.query_params


def test_it_is_sorted_and_its_columns_are_chosen_in_the_address(page, faces_run):
    app = page("2_Runs.py", sort="best on test", columns=["test", "seed"])
    table = _table(app).value
    assert list(table.columns) == ["run", "test", "seed"]
    assert list(table.test) == sorted(table.test, reverse=True)
    assert "7" in list(table.seed)


def test_a_sweep_s_runs_are_one_row_that_can_be_opened_out(page, faces_run, home):
    config = tiny_config(home / "datasets" / "drawn")
    sweep = sweeps.create("Seeds", "repeats", [Row(f"seed {n}", "", config, 3, 1.0) for n in range(2)])
    trained = [run for run in runs.every() if run.id != faces_run.id]
    for number, run in enumerate(trained):
        sweep.note_started(number, run)
    table = _table(page("2_Runs.py")).value
    folded = table[table.run == "Seeds (2 runs)"].iloc[0]
    assert len(table) == 2 and folded["state"] == "2 finished"
    assert folded["test"] == pytest.approx(50 * sum(run.summary().test for run in trained))
    assert len(_table(page("2_Runs.py", fold="false")).value) == 3


def test_a_selected_row_is_opened_without_a_mouse(page, faces_run):
    app = page("2_Runs.py")
    assert _button(app, "Open").disabled
    _button(_select(app, 0), "Open").click().run()
    assert app.query_params["run"] in (faces_run.id, [faces_run.id]) and "Entrance" in words(app)


def test_selected_runs_are_starred_and_tagged(page, faces_run):
    app = page("2_Runs.py", sort="oldest first")
    assert _button(app, "Star").disabled and _button(app, "Delete").disabled
    _select(app, 0, 1)
    assert "2 runs selected" in words(app)
    _button(app, "Star").click().run()
    assert [run.notes().star for run in runs.every()] == [True, True, True]
    _select(app, 0, 2)
    next(box for box in app.multiselect if box.label == "Tags").set_value(["entrance"])
    _button(app, "Add").click().run()
    newest, middle, oldest = runs.every()
    assert not app.exception
    assert newest.notes() == faces_run.notes() and middle.notes().tags == () and oldest.notes().tags == ("entrance",)
    assert oldest.notes() == replace(Notes(), tags=("entrance",), star=True)


def test_delete_names_the_runs_and_leaves_out_those_at_work(page, faces_run, home):
    busy = runs.create(tiny_config(home / "datasets" / "drawn", seed=9), 3)
    # This process stands for its trainer.
    busy.job.note(os.getpid())
    busy.job.write(State("running", "Epoch 1", started=time.time()))
    app = _select(page("2_Runs.py"), 0, 1)
    _button(app, "Delete").click().run()
    text = words(app)
    doomed, left_out = text.split("Left out, because it is at work")
    assert "Entrance, \\*new\\* camera" in doomed and "seed 9" in left_out and "seed 9" not in doomed
    assert _button(app, "Cancel") and not app.exception
    busy.job.write(State("stopped"))


def test_a_damaged_run_is_listed_and_filtered(page, faces_run):
    (faces_run.folder / "config.json").write_text("{")
    table = _table(page("2_Runs.py", columns=["state", "network", "photos", "epochs", "seed"])).value
    assert sorted(table.state) == ["damaged", "finished", "finished"]


def test_without_runs_it_says_what_to_do(page):
    assert "press Train" in words(page("2_Runs.py"))
