"""The sidebar form: presets, dependent fields, refusals, and runs and sweeps started by Train."""

from __future__ import annotations

import shutil

import pytest

from core.schema.presets import PRESETS
from core.schema.train_config import APART, TrainConfig
from core.store import runs, sweeps
from core.training.lifecycle import launch
from core.training.sweeps import sweeper
from core.ui.common import cached_reads
from tests.app.conftest import estimated, words
from tests.fixtures.support import tiny_config, wait_for

ABLATION = "Ablation of learning rate and augmentation (report B)"


def _button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.fixture
def app(home, page):
    return page()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_fills_the_form(app, preset):
    app.sidebar.selectbox(key="form_preset").select(preset).run()
    assert not app.exception
    for name, value in PRESETS[preset].items():
        if name in ("backbone", "mode", "epochs", "image_size", "learning_rate", "batch_size"):
            assert app.session_state[f"form_{name}"] == value


def test_network_choice_sets_what_follows_from_it(app):
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    assert app.session_state["form_weights"] == "none"
    app.sidebar.selectbox(key="form_backbone").select("ResNetLogit").run()
    assert app.session_state["form_wrong_mask"] is False
    assert app.sidebar.toggle(key="form_wrong_mask").disabled


def test_every_setting_has_a_widget(app):
    app.sidebar.selectbox(key="form_preset").select("Quick look").run()
    app.sidebar.selectbox(key="form_optimizer").select("sgd").run()
    bar = app.sidebar
    shown = {one.key for kind in (bar.selectbox, bar.toggle, bar.number_input, bar.slider) for one in kind}
    assert {f"form_{name}" for name in TrainConfig.model_fields if name not in APART} <= shown


def test_missing_weights_are_said_before_train(app, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    app.sidebar.selectbox(key="form_backbone").select("ResNet").run()
    assert "resnet50-0676ba61.pth" in words(app)
    assert _button(app, "Train").disabled


def test_cost_is_shown(app):
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.number_input(key="form_image_size").set_value(32).run()
    assert "42 training photos of 3 labels" in words(estimated(app))
    assert "on this machine" in words(app)


def test_path_outside_the_allowed_folders_is_refused(app):
    app.sidebar.selectbox(key="form_dataset").select("Another folder…").run()
    app.sidebar.text_input(key="form_dataset_path").input("/etc").run()
    assert "outside the folders this server may read" in words(app)
    assert not app.exception


def test_missing_folder_is_a_sentence(app, home):
    app.sidebar.selectbox(key="form_dataset").select("Another folder…").run()
    app.sidebar.text_input(key="form_dataset_path").input(str(home / "nowhere")).run()
    assert "There is no folder" in words(app)


def test_train_starts_a_run_that_finishes(app):
    before = {run.id for run in runs.every()}
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.number_input(key="form_image_size").set_value(32)
    app.sidebar.number_input(key="form_epochs").set_value(1).run()
    _button(app, "Train").click().run()
    assert not app.exception
    new = [run for run in runs.every() if run.id not in before]
    assert len(new) == 1
    assert new[0].config.epochs == 1
    assert "Training has started" in words(app)
    wait_for(lambda: not new[0].state.active, 90)
    assert new[0].state.status == "finished"


def test_a_study_says_what_it_is_and_what_it_costs(app):
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.number_input(key="form_image_size").set_value(32).run()
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
    app.sidebar.number_input(key="form_learning_rate").set_value(0.6).run()
    app.sidebar.selectbox(key="form_study").select(ABLATION).run()
    assert "the ablation's baseline takes 2 times 0.6" in words(app)
    app.sidebar.number_input(key="form_learning_rate").set_value(0.05).run()
    assert not app.error
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.selectbox(key="form_study").select("Grouped folds").run()
    app.sidebar.number_input(key="form_folds").set_value(20).run()
    before = runs.every()
    _button(app, "Train").click().run()
    assert "20 folds need one group each" in words(app)
    assert runs.every() == before


def test_train_starts_a_sweep(app):
    before = {run.id for run in runs.every()}
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.number_input(key="form_image_size").set_value(32)
    app.sidebar.number_input(key="form_epochs").set_value(500)
    app.sidebar.selectbox(key="form_study").select(ABLATION).run()
    custom = app.sidebar.selectbox(key="form_custom_photos")
    assert custom.value == "None"
    custom.select(app.sidebar.selectbox(key="form_dataset").value).run()
    _button(estimated(app), "Train").click().run()
    [sweep] = sweeps.every()
    try:
        assert not app.exception
        assert "4 trainings have started in the background, one after another." in words(app)
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
    assert not _button(app, "Train").disabled
    shutil.rmtree(home / "datasets" / "drawn" / "wrong_mask")
    cached_reads.counts.clear()
    app.run()
    assert "no wrong_mask: the six two-class rows alone" in words(app)
    assert "6 trainings, about **" in words(app)
    assert not app.exception


def test_a_grid_needs_values_that_can_be_trained(app):
    app.sidebar.selectbox(key="form_backbone").select("BasicCNN").run()
    app.sidebar.number_input(key="form_image_size").set_value(32).run()
    app.sidebar.selectbox(key="form_study").select("Grid: every combination of some settings").run()
    assert "Choose one or a few settings" in words(app)
    assert _button(app, "Train").disabled
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


def test_running_jobs_show_on_home(home, page):
    run = launch.start(tiny_config(home / "datasets" / "drawn", epochs=400))
    try:
        assert "Running now" in words(page())
    finally:
        launch.stop(run)
    assert run.state.status == "stopped"
