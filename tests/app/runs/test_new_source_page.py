"""One source left out, as pages show it: the form's experiment, the sweep's table, Compare and Evaluate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.data.collect import sources
from core.evaluation.new_source import results
from core.evaluation.wording import source_words
from core.schema.labels import Label
from core.store import runs, sweeps
from core.store.sweeps import Row, Sweep
from core.training.sweeps import sweeper
from core.ui.training_form import settings
from tests.app.conftest import button, estimated, form_key, words
from tests.fixtures.compare_fixtures import finished_run, right, with_known_network, wrong_on
from tests.fixtures.support import wait_for

CHOICE = "Leave one source out"


@pytest.fixture
def dataset(crowd: Path, own_home: Path, monkeypatch) -> Path:
    """Half of the photos of each label are of the phone, the others of no source."""
    folder = own_home / "datasets" / "two"
    shutil.copytree(crowd, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    sources.note(folder, {f"{label}/{label}-{number:03}.png": "phone" for label in Label for number in range(20)})
    return folder


@pytest.fixture
def sweep(dataset: Path) -> Sweep:
    """A finished one, and the ordinary run of its settings."""
    made = [finished_run(dataset, wrong_on("-000.png", "-025.png", "-026.png"), held_out_source=name)
            for name in ("phone", "unknown")]  # fmt: skip
    rows = [Row(run.config.held_out_source, run.config.held_out_source, run.config, 3, 9.0) for run in made]
    own = sweeps.create("Leave one of 2 sources out, BasicCNN", "sources", rows)
    for number, run in enumerate(made):
        own.note_started(number, run)
    return own


def test_the_form_says_which_sources_and_starts_them(dataset, page):
    app = page()
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32).run()
    app.sidebar.number_input(key=form_key(app, "epochs")).set_value(1).run()
    app.sidebar.selectbox(key="form_study").select(CHOICE).run()
    assert "2 trainings, each tested on a source that it never saw: phone, unknown." in words(app)
    assert "60 photos that sources.csv does not name count as the source unknown." in words(app)
    assert "2 trainings, about **" in words(estimated(app))
    button(app, "Train").click().run()
    (started,) = sweeps.every()
    wait_for(started.run_ids, 120)
    sweeper.stop(started)
    assert started.kind == "sources" and [row.config.held_out_source for row in started.rows] == ["phone", "unknown"]
    assert settings.FIELDS.count("held_out_source") == 0, "no setting beside the experiment"


def test_one_source_is_a_sentence(dataset, page):
    (dataset / sources.FILE).unlink()
    app = page()
    app.sidebar.selectbox(key="form_study").select(CHOICE).run()
    assert "are of one source (unknown), so none can be left out" in words(app)
    assert button(app, "Train").disabled and not app.exception


def test_the_sweep_shows_each_source_and_the_worst(sweep, page):
    found = results.of_sweep(sweep)
    app = page("2_Runs.py", sweep=sweep.id)
    assert source_words.sentence(found) in words(app)
    (table,) = [frame.value for frame in app.dataframe if "source" in frame.value.columns]
    assert list(table["source"]) == ["unknown", "phone"] and list(table["photos"]) == ["60", "60"]
    assert "No run with these settings was tested on sources that it also trained on." in words(app)
    assert "Mean ±" not in words(app) and "Effect of each setting" not in words(app)


def test_compare_and_evaluate_put_it_beside_the_ordinary_number(sweep, dataset, page):
    whole = with_known_network(finished_run(dataset, right))
    sentence = source_words.sentence(results.like(whole))
    app = page("3_Compare.py", runs=whole.id, view="new_source")
    assert sentence in words(app)
    assert "worst 90.0" in sentence and "of sources that it also trained on: 100.0" in sentence
    both = page("3_Compare.py", runs=",".join(run.id for run in runs.every()), view="new_source")
    assert words(both).count(sentence) == 1, "once for all of one sweep"
    app = page("4_Evaluate.py", evaluate_model=whole.report().model)
    assert sentence in words(app)
    other = finished_run(dataset, right, epochs=9)
    app = page("3_Compare.py", runs=other.id, view="new_source")
    assert "No run with the settings of these leaves one source out" in words(app)
