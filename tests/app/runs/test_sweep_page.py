"""Sweeps on Runs: the list of those unfinished, one sweep's table, and its buttons."""

from __future__ import annotations

import pytest

from core.store import runs, sweeps
from core.store.job_state import State
from core.store.sweeps import Row, Sweep
from core.training.sweeps import report_a_table, study, sweeper
from core.ui.runs.sweeps import rows as sweep_table
from tests.app.conftest import words
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config, wait_for


@pytest.fixture
def sweep(home) -> Sweep:
    """Two finished rows, one that failed and one that has not been started."""
    config = tiny_config(home / "datasets" / "drawn", epochs=1)
    rows = [Row(f"seed {seed}", "", config.model_copy(update={"seed": seed}), 3, 60.0) for seed in range(4)]
    sweep = sweeps.create("4 seeds of BasicCNN", "repeats", rows)
    for number, run in enumerate(runs.every()):
        sweep.note_started(number, run)
    broken = runs.create(config, 3)
    broken.job.write(State("failed", "The loss is not a number."))
    sweep.note_started(2, broken)
    return sweep


def _button(app, label, drawn="{}"):
    return next((button for button in app.button if button.label == drawn.format(label)), None)


def _links(app) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def test_an_unfinished_sweep_is_listed_and_opened(page, sweep):
    app = page("2_Runs.py")
    assert [one.label for one in app.expander if "sweeps" in one.label] == ["Unfinished sweeps (1)"]
    assert any(label.startswith("4 seeds of BasicCNN (") for label in _links(app))
    assert _button(app, "Resume") and _button(app, "Delete") and not _button(app, "Stop")


def test_the_table_shows_what_has_finished_and_why_the_rest_has_not(page, sweep):
    app = page("2_Runs.py", sweep=sweep.id)
    table = app.dataframe[0].value
    assert list(table.status) == ["finished", "finished", "failed", "not started"]
    reports = [one.run.report() for one in sweep.standings()[:2]]
    assert list(table["test acc."].dropna()) == [100 * report.test.accuracy for report in reports]
    assert list(table["validation acc."].dropna()) == [100 * report.val.accuracy for report in reports]
    assert list(table["best epoch"].dropna()) == [report.best_epoch for report in reports]
    low, high = reports[0].test.accuracy_grouped_interval
    assert table["95 % interval"][0] == f"{100 * low:.1f} to {100 * high:.1f}"
    mean = app.dataframe[1].value
    assert list(mean.trainings) == [2] and "±" in mean["test acc."][0]
    assert "seed 2: The loss is not a number." in words(app)
    assert "published" not in words(app)


def test_a_sweep_is_resumed_and_stopped_from_its_page_and_delete_asks_first(page, sweep):
    app = page("2_Runs.py", sweep=sweep.id)
    before = runs.every()
    try:
        _button(app, "Resume").click().run()
        assert not app.exception
        wait_for(lambda: sweep.standing(2).status == "running", 60)
        _button(app.run(), "Stop").click().run()
        assert not app.exception
        wait_for(lambda: not sweep.state.active, 60)
    finally:
        if sweep.state.active:
            sweeper.stop(sweep)
    assert sweep.state.status in ("stopped", "finished")
    _button(app.run(), "Delete").click().run()
    # AppTest does not run a dialog again: its own button is the one that deletes.
    assert _button(app, "Delete the sweep", ":red[{}]") and _button(app, "Cancel")
    assert not app.exception and sweeps.every() == [sweep]
    assert set(before) <= set(runs.every())


def test_report_a_s_own_figures_stand_beside(page, home):
    planned = report_a_table.variants({"dataset": str(home / "datasets" / "drawn"), "backbone": "MobileNet"}, {})
    planned += report_a_table.variants({"dataset": str(home / "datasets" / "drawn"), "epochs": 1}, {})[:1]
    rows = [Row(one.name, one.group, one.config, 2, 60.0) for one in planned]
    sweep = sweeps.create("Report A's table", "report_a", rows)
    app = page("2_Runs.py", sweep=sweep.id)
    table = app.dataframe[0].value
    assert list(table["report A's test"][:6]) == [98.0, 95.0, 95.0, 99.0, 73.0, 74.0]
    assert table["report A's test"].isna()[6], "other epochs than report A's are no row of its table"
    assert "other photos than yours" in words(app)
    assert sweep_table.published(rows[4]).training == 79.52


def test_an_ablation_stands_beside_report_b_s(page, home):
    folder = home / "datasets" / "drawn"
    planned = study.ablation(tiny_config(folder, wrong_mask=False))
    sweep = sweeps.create("Ablation", "ablation", [Row(one.name, one.group, one.config, 2, 60.0) for one in planned])
    for number, row in enumerate(sweep.rows):
        values = row.config.model_dump(exclude={"dataset", "split"})
        run = finished_run(folder, right, **values)
        sweep.note_started(number, run)
    app = page("2_Runs.py", sweep=sweep.id)
    table = app.dataframe[-1].value
    assert list(table["learning rate"]) == ["0.002", "0.001"] * 2
    assert list(table["report B's custom"]) == [50, 50, 100, 100]
    assert "The baseline has 2 times the learning rate" in words(app)


def test_an_unknown_sweep_is_a_sentence(page, home):
    assert "There is no sweep" in words(page("2_Runs.py", sweep="../../etc"))


def test_a_damaged_sweep_can_be_deleted(page, sweep):
    (sweep.folder / "started.json").write_text("{")
    app = page("2_Runs.py")
    assert "damaged started.json" in words(app)
    assert _button(app, "Delete")
