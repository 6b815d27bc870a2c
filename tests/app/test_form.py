"""The sidebar form: choices, what differs from them, dependent fields, refusals, and a run started."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.schema import presets
from core.schema.presets import CHOICES, FEW_PHOTOS_ADVICE, PRESETS, PUBLISHED
from core.schema.train_config import APART, STARTER, TrainConfig, fill_in, make
from core.store import runs
from core.training.lifecycle import launch
from core.ui.common import cached_reads
from core.ui.training_form import settings
from tests.app.conftest import button, estimated, form_key, words
from tests.fixtures.support import tiny_config, wait_for


@pytest.fixture
def app(home, page):
    return page()


def _pick(app, preset):
    if preset in CHOICES:
        app.sidebar.radio(key=form_key(app, "choice")).set_value(preset).run()
    else:
        app.sidebar.selectbox(key=form_key(app, "recipe")).select(preset).run()


def _value(app, name):
    return app.session_state[form_key(app, name)]


def _values(app, *names):
    return {name: _value(app, name) for name in names}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_fills_the_form(app, preset):
    _pick(app, preset)
    assert not app.exception
    for name, value in PRESETS[preset].items():
        if name != "split":
            assert _value(app, name) == value
    assert "changed from" not in words(app)


def test_a_choice_and_a_published_recipe_take_each_others_place(app):
    recipe = next(iter(PUBLISHED))
    _pick(app, recipe)
    assert app.sidebar.radio(key=form_key(app, "choice")).value is None
    _pick(app, "Quick")
    assert app.sidebar.selectbox(key=form_key(app, "recipe")).value is None
    _pick(app, recipe)
    app.sidebar.selectbox(key=form_key(app, "recipe")).set_value(None).run()
    assert app.sidebar.radio(key=form_key(app, "choice")).value == "Balanced"
    assert _values(app, "epochs") == {"epochs": CHOICES["Balanced"]["epochs"]}


def test_a_preset_counts_although_the_browser_still_sends_what_was_before_it(app):
    shown = app._tree
    shown.sidebar.radio(key=form_key(app, "choice")).set_value("Quick").run()
    shown.run()
    before, after = (CHOICES[name]["learning_rate"] for name in ("Balanced", "Quick"))
    assert _values(app, "learning_rate") == {"learning_rate": after}
    app.sidebar.number_input(key=form_key(app, "learning_rate")).set_value(before).run()
    assert _values(app, "learning_rate") == {"learning_rate": before}, "once drawn, it is the user's"


def test_a_browser_that_missed_the_message_with_a_value_comes_up_with_it_all_the_same(app):
    """Streamlit says once what was put into a widget; the next message, which may overtake it, has defaults only."""
    _pick(app, "Quick")
    app.run()
    side = app.sidebar
    # What can be cleared has no default.
    lists = [one for one in side.selectbox if one.key.startswith("form_") and one.label != "Published recipes"]
    numbers = side.number_input
    assert len(numbers) > 4 and len(lists) > 4
    for widget in [*numbers, *side.toggle]:
        assert not widget.proto.set_value and widget.proto.default == widget.value, widget.label
    for widget in lists:
        assert widget.proto.options[widget.proto.default] == widget.format_func(widget.value), widget.label
    choice = side.radio(key=form_key(app, "choice"))
    assert choice.proto.options[choice.proto.default] == choice.value == "Quick"
    split = side.slider(key=form_key(app, "split"))
    assert tuple(split.proto.default) == tuple(split.value)


def test_another_runs_settings_count_although_the_browser_still_sends_what_was_before_them(app):
    shown = app._tree
    here = {"dataset": _value(app, "dataset"), "seed": 3}
    app.session_state[settings.ASKED] = make(fill_in(PUBLISHED["Report A: BasicCNN"] | here)).model_dump()
    app.run()
    filled = _values(app, "choice", "recipe", "backbone", "image_size", "epochs", "seed")
    assert (filled["backbone"], filled["seed"]) == ("BasicCNN", 3)
    shown.run()
    assert _values(app, *filled) == filled
    app.run()
    assert _values(app, *filled) == filled


def test_a_choice_that_is_lost_on_the_way_to_another_page_is_the_last_one(app):
    _pick(app, "Quick")
    app.session_state[form_key(app, "choice")] = None
    app.run()
    assert not app.exception and app.sidebar.radio(key=form_key(app, "choice")).value == "Quick"


def test_what_differs_from_the_preset_is_marked_and_reset(app):
    assert button(app, "Reset to preset").disabled
    app.sidebar.number_input(key=form_key(app, "epochs")).set_value(7).run()
    app.sidebar.selectbox(key=form_key(app, "mode")).select("not_retrain").run()
    text = words(app)
    assert "changed from 12" in text and "changed from Later layers too (better)" in text
    assert "2 settings changed under Advanced" in text
    app.sidebar.toggle(key=form_key(app, "wrong_mask")).set_value(False).run()
    assert "2 settings changed" in words(app), "with or without wrong_mask is no setting of a preset"
    button(app, "Reset to preset").click().run()
    assert "changed" not in words(app)
    assert _values(app, "epochs", "mode", "wrong_mask") == {"epochs": 12, "mode": "retrain", "wrong_mask": False}


def test_each_choice_says_its_minutes(app):
    def times():
        return app.run().sidebar.radio(key=form_key(app, "choice")).proto.captions

    wait_for(lambda: all(text.startswith("about ") for text in times()), 60)
    assert len(times()) == len(CHOICES)


def _filled(values):
    import streamlit as st

    from core.ui.training_form import form

    if "asked" not in st.session_state:
        # It may draw the page anew by itself, as soon as it knows what a training costs.
        form.training_form()
        st.session_state["asked"] = True
        form.fill(values)
        st.rerun()
    form.training_form()


@pytest.mark.parametrize(
    ("values", "choice", "recipe", "said"),
    [
        (CHOICES["Quick"], "Quick", None, ""),
        (CHOICES["Balanced"] | {"seed": 3, "split": (0.65, 0.15, 0.2)}, "Balanced", None, "2 settings changed"),
        (PUBLISHED["Report A: BasicCNN"] | {"wrong_mask": False}, None, "Report A: BasicCNN", ""),
        (CHOICES["Best"] | {"folds": 5, "fold": 2, "weights": "gone.pth"}, "Best", None, ""),
    ],
)  # fmt: skip
def test_a_runs_settings_fill_the_form(home, values, choice, recipe, said):
    """As "Train again with changes" does, also from a page that has drawn the form already."""
    here = {"dataset": str(home / "datasets" / "drawn"), "weights": cached_reads.first_weights(values["backbone"])}
    config = make(fill_in(here | values))
    app = AppTest.from_function(_filled, kwargs={"values": config.model_dump()}, default_timeout=60).run()
    assert not app.exception
    assert (_value(app, "choice"), _value(app, "recipe")) == (choice, recipe)
    assert _value(app, "dataset") == config.dataset
    assert _values(app, "epochs", "seed", "wrong_mask") == {
        "epochs": config.epochs, "seed": config.seed, "wrong_mask": config.wrong_mask,
    }  # fmt: skip
    assert (said in words(app)) if said else ("changed under" not in words(app))


def test_network_choice_sets_what_follows_from_it(app):
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    assert _value(app, "weights") == "none"
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("ResNetLogit").run()
    assert _value(app, "wrong_mask") is False
    assert app.sidebar.toggle(key=form_key(app, "wrong_mask")).disabled


def test_few_photos_bring_an_advice_until_it_is_followed(app):
    assert FEW_PHOTOS_ADVICE in words(app), "20 of each label"
    _pick(app, "Quick")
    assert FEW_PHOTOS_ADVICE in words(app)
    app.sidebar.selectbox(key=form_key(app, "weights")).select(STARTER).run()
    assert FEW_PHOTOS_ADVICE not in words(app)


def test_many_photos_bring_none(app, monkeypatch):
    monkeypatch.setattr(presets, "FEW_PHOTOS", 19)
    app.run()
    assert FEW_PHOTOS_ADVICE not in words(app)


def test_every_setting_has_a_widget(app):
    _pick(app, "Quick")
    app.sidebar.selectbox(key=form_key(app, "optimizer")).select("sgd").run()
    bar = app.sidebar
    shown = {one.key for kind in (bar.selectbox, bar.toggle, bar.number_input, bar.slider) for one in kind}
    assert {form_key(app, name) for name in TrainConfig.model_fields if name not in APART} <= shown


def test_missing_weights_are_said_before_train(app, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("ResNet").run()
    assert "resnet50-0676ba61.pth" in words(app)
    assert button(app, "Train").disabled


def test_cost_is_shown(app):
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32).run()
    assert "42 training photos of 3 labels" in words(estimated(app))
    assert "about **" in words(app)


def test_path_outside_the_allowed_folders_is_refused(app):
    app.sidebar.selectbox(key=form_key(app, "dataset")).select("Another folder…").run()
    app.sidebar.text_input(key="form_dataset_path").input("/etc").run()
    assert "outside the folders this server may read" in words(app)
    assert not app.exception


def test_missing_folder_is_a_sentence(app, home):
    app.sidebar.selectbox(key=form_key(app, "dataset")).select("Another folder…").run()
    app.sidebar.text_input(key="form_dataset_path").input(str(home / "nowhere")).run()
    assert "There is no folder" in words(app)


def test_train_starts_a_run_that_finishes(app):
    before = {run.id for run in runs.every()}
    app.sidebar.selectbox(key=form_key(app, "backbone")).select("BasicCNN").run()
    app.sidebar.number_input(key=form_key(app, "image_size")).set_value(32)
    app.sidebar.number_input(key=form_key(app, "epochs")).set_value(1).run()
    button(app, "Train").click().run()
    assert not app.exception
    new = [run for run in runs.every() if run.id not in before]
    assert len(new) == 1
    assert new[0].config.epochs == 1
    assert app.sidebar.page_link[0].proto.query_string == f"run={new[0].id}", "the page goes to the run"
    wait_for(lambda: not new[0].state.active, 90)
    assert new[0].state.status == "finished"



def test_running_jobs_show_on_home(home, page):
    run = launch.start(tiny_config(home / "datasets" / "drawn", epochs=400))
    try:
        assert "Running now" in words(page())
    finally:
        launch.stop(run)
    assert run.state.status == "stopped"
