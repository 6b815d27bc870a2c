"""The sidebar form's experiments of several trainings: folds, repeats, the ablation, report A's table, grids."""

from __future__ import annotations

import shutil

import pytest

from core.store import runs, sweeps
from core.training.sweeps import sweeper
from core.ui.common import cached_reads
from tests.app.conftest import button, estimated, form_key, words
from tests.fixtures.support import wait_for

ABLATION = "Ablation of learning rate and augmentation (report B)"


@pytest.fixture
def app(home, page):
    return page()


def test_a_study_says_what_it_is_and_what_it_costs(app):
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32).run()
    app.sidebar.selectbox(key="form_study").select("Grouped folds").run()
    assert app.sidebar.number_input(key="form_folds").value == 5
    assert "5 trainings, about **" in words(estimated(app))
    # Four fifths of 60 photos are not tested; seven ninths of those are training photos.
    assert "37 training photos of 3 labels" in words(app)
    app.sidebar.selectbox(key="form_study").select("Repeat over seeds").run()
    app.sidebar.number_input(key="form_repeats").set_value(4).run()
    assert "4 trainings, about **" in words(app)
    assert "Seeds 0 to 3" in words(app)
    app.sidebar.selectbox(key="form_study").select(ABLATION).run()
    assert "Learning rates 0.002 and 0.001, each without and with augmentation." in words(app)
    app.sidebar.number_input(key="form_factor").set_value(10.0).run()
    assert "Learning rates 0.01 and 0.001, each without and with augmentation." in words(app)
    assert not app.exception


def test_a_study_that_does_not_fit_is_a_sentence(app):
    app.sidebar.number_input(key=form_key(app, "learning_rate")).set_value(0.6).run()
    app.sidebar.selectbox(key="form_study").select(ABLATION).run()
    assert "the ablation's baseline takes 2 times 0.6" in words(app)
    app.sidebar.number_input(key=form_key(app, "learning_rate")).set_value(0.05).run()
    assert not app.error
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.selectbox(key="form_study").select("Grouped folds").run()
    app.sidebar.number_input(key="form_folds").set_value(20).run()
    before = runs.every()
    button(app, "Train").click().run()
    assert "20 folds need one group each" in words(app)
    assert runs.every() == before


def test_train_starts_a_sweep(app):
    before = {run.id for run in runs.every()}
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32)
    app.sidebar.number_input(key=form_key(app, "epochs")).set_value(500)
    app.sidebar.selectbox(key="form_study").select(ABLATION).run()
    custom = app.sidebar.selectbox(key="form_custom_photos")
    assert custom.value == "None"
    custom.select(app.sidebar.selectbox(key=form_key(app, "dataset")).value).run()
    button(estimated(app), "Train").click().run()
    [sweep] = sweeps.every()
    try:
        assert not app.exception
        assert app.sidebar.page_link[0].proto.query_string == f"sweep={sweep.id}", "the page goes to the sweep"
        assert [(row.config.learning_rate, row.config.augment) for row in sweep.rows] == [
            (0.002, False), (0.001, False), (0.002, True), (0.001, True),
        ]  # fmt: skip
        assert sweep.custom_photos == sweep.rows[0].config.folder
        assert all(row.seconds > 0 for row in sweep.rows)
        wait_for(lambda: [run for run in runs.every() if run.id not in before], 60)
    finally:
        sweeper.stop(sweep)
    new = [run for run in runs.every() if run.id not in before]
    assert [run.config.learning_rate for run in new] == [0.002] and not new[0].state.active


def test_the_report_a_table_is_offered_whole_and_without_wrong_mask(app, home):
    app.sidebar.selectbox(key="form_study").select("Report A's table (12 trainings)").run()
    app.sidebar.selectbox(key="form_table_backbone").select("MobileNet").run()
    app.sidebar.selectbox(key="form_table_weights").select("none").run()
    assert "12 trainings, about **" in words(estimated(app))
    assert not button(app, "Train").disabled
    shutil.rmtree(home / "datasets" / "drawn" / "wrong_mask")
    cached_reads.counts.clear()
    app.run()
    assert "no wrong_mask: the six two-class rows alone" in words(app)
    assert "6 trainings, about **" in words(app)
    assert not app.exception


def test_a_grid_needs_values_that_can_be_trained(app):
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32).run()
    app.sidebar.selectbox(key="form_study").select("Grid: every combination of some settings").run()
    assert "Choose one or a few settings" in words(app)
    assert button(app, "Train").disabled
    app.sidebar.multiselect(key="form_grid").set_value(["learning_rate", "augment"]).run()
    assert app.sidebar.text_input(key="form_grid_learning_rate").value == "0.001"
    app.sidebar.text_input(key="form_grid_learning_rate").input("0.001, 0.0003, 0.0001")
    app.sidebar.multiselect(key="form_grid_augment").set_value([True, False]).run()
    assert "6 trainings, about **" in words(estimated(app))
    app.sidebar.selectbox(key="form_each").select("Repeat over seeds").run()
    assert "18 trainings, about **" in words(app)
    app.sidebar.text_input(key="form_grid_learning_rate").input("0.001, 7").run()
    assert "learning rate 7 · augment True: learning_rate: " in words(app)
    assert not app.exception
    assert sweeps.every() == []
