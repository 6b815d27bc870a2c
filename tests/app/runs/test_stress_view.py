"""The stress suite on a run's page: started, watched, stopped, and shown."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.stress import score, worker
from core.evaluation.stress import suite as stress_suite
from core.store import runs
from core.text.numbers import percent
from tests.app.conftest import words
from tests.fixtures.support import wait_for


def _view() -> None:
    import streamlit as st

    from core.store import runs
    from core.ui.runs import stress_view

    stress_view.show(runs.get(st.query_params["run"]))


@pytest.fixture
def run(home):
    return next(run for run in runs.every() if len(run.report().labels) == 3)


def shown(run) -> AppTest:
    app = AppTest.from_function(_view, default_timeout=120)
    app.query_params["run"] = run.id
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def test_the_suite_is_started_and_its_numbers_are_shown(run):
    app = shown(run)
    assert "a sheet of paper" in words(app).lower()
    assert "in the background" in words(app)
    app.button(key="stress_start").click().run()
    assert not app.exception
    job = worker.job_of(run)
    assert job.state is not None
    state = wait_for(lambda: (now := job.state) and not now.active and now, 400)
    assert state.status == "finished", job.log_file.read_text()
    app = shown(run)
    suite = stress_suite.load(run.stress_file)
    own = score.summarise(suite)
    assert f"{percent(own.score['all'].value)} on average" in words(app)
    assert "Weakest: " in words(app)
    assert len(app.get("plotly_chart")) == 2
    table = next(frame.value for frame in app.dataframe if "kind" in frame.value.columns)
    assert table.set_index("kind").loc["JPEG compression", "mean"] == 100 * own.kinds["jpeg"].value
    assert app.button(key="stress_start").label == "Run it again"


def test_it_can_be_stopped(run):
    worker.start(run)
    job = worker.job_of(run)
    app = shown(run)
    app.button(key="stress_stop").click().run()
    wait_for(lambda: not job.state.active, 400)
    assert job.state.status == "stopped"
    assert "was stopped" in words(shown(run))


def test_a_damaged_suite_is_a_sentence_and_can_be_run_again(run):
    run.stress_file.write_text("{")
    app = shown(run)
    assert "run the stress suite again" in words(app)
    assert app.button(key="stress_start").label == "Run the stress suite"
