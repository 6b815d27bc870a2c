"""Evaluate's views of one network: its test result, the photos it gets wrong, its slices, and photos both ways."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from core.data.faces import attributes
from core.data.synthetic.demo import make_dataset
from core.evaluation.one_run import predictions
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.slices import slices
from core.evaluation.wording import sentences
from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.store import paths, runs
from core.ui.evaluate.most_wrong import worst_first
from tests.app.conftest import cards, words
from tests.fixtures.live_fixtures import tiny_model


@pytest.fixture
def run(home):
    return next(run for run in runs.every() if len(run.report().labels) == 3)


@pytest.fixture
def evaluate(page, run):
    model = run.report().model.removesuffix(".pth")

    def open_view(view: str = "Test result"):
        return page("4_Evaluate.py", evaluate_model=model, view=view)

    return open_view


def _button(app, label):
    return next(button for button in app.button if button.label == label)


def _named(app):
    """The network in the address, which AppTest gives as text or as a list."""
    named = app.query_params["evaluate_model"]
    return named if isinstance(named, str) else named[0]


def _help(app):
    return "\n".join(text.proto.help for text in app.markdown)


def test_the_first_view_is_the_run_s_test_result(run, evaluate):
    app = evaluate()
    assert sentences.result(run.report().test) in _help(app)
    assert sentences.door(run.report().test) in words(app)
    assert any(link.proto.label == "The run that made it" for link in app.get("page_link"))


def test_the_test_result_says_what_is_withheld_as_unsure(run, evaluate):
    report = run.report()
    assert "Withheld as unsure" not in words(evaluate())
    test = measure(predictions.of_run(run, "test"), OperatingPoint(0.5), report.temperature, unsure_above=0.5)
    run.write_report(report.model_copy(update={"test": test}))
    assert sentences.unsure(test) in words(evaluate()) and "Withheld as unsure" in sentences.unsure(test)
    run.write_report(report)


def test_networks_are_called_as_their_runs_are(home, run, evaluate):
    run.write_notes(replace(run.notes(), name="At the door"))
    tiny_model(paths.models_dir() / "from_a_friend.pth")
    options = evaluate().selectbox(key="evaluate_model").options
    assert {"At the door", "from_a_friend", "Starter network"} < set(options)
    others = [other for other in runs.every() if other.id != run.id]
    assert {other.name for other in others} <= set(options)


def test_an_address_names_the_network_and_follows_the_choice(run, page):
    model = run.report().model.removesuffix(".pth")
    app = page("4_Evaluate.py", evaluate_model=model)
    assert app.selectbox(key="evaluate_model").value == f"{model}.pth"
    app.selectbox(key="evaluate_model").select("starter.pth").run()
    assert _named(app) == "starter"
    app.query_params["evaluate_model"] = model
    assert app.run().selectbox(key="evaluate_model").value == f"{model}.pth"
    app.query_params["evaluate_model"] = "gone*"
    said = words(app.run())
    assert r"There is no network gone\* in models/" in said and _named(app) == model


def test_without_its_run_a_network_still_knows_its_test_result(run, evaluate):
    result = sentences.result(run.report().test)
    runs.delete(run)
    assert result in _help(evaluate())
    assert "gone from runs/" in words(evaluate())
    for view in ("Most wrong", "Slices", "Stress"):
        assert "is gone from runs/" in words(evaluate(view))


def test_a_network_without_a_test_result_is_told_not_raised(home, page):
    tiny_model(paths.models_dir() / "bare.pth")
    assert "holds no test result" in words(page("4_Evaluate.py", evaluate_model="bare"))


def test_most_wrong_shows_wrong_test_photos_only_the_worst_first(run, evaluate):
    own = predictions.of_run(run, "test")
    column = [own.classes.index(label) for label in own.true]
    loss = -np.log(own.probability[np.arange(len(own)), column])
    order = worst_first(own)
    assert list(loss[order]) == sorted(loss, reverse=True)
    wrong = [place for place in order if own.guess[place] != own.true[place]]
    app = evaluate("Most wrong")
    said = cards(app)
    assert [re.search("<b>is (.*)</b>", text)[1] for text in said] == [own.true[place] for place in wrong]
    assert [re.search("[✕●▲] ([a-z_]+)<", text)[1] for text in said] == [own.guess[place] for place in wrong]
    assert f"**{len(wrong)} of {len(own)}** test photos get a wrong label" in words(app)


def test_where_nothing_is_wrong_that_is_said(run, evaluate):
    rows = [row | {f"p_{label}": float(label == row["label"]) for label in run.report().labels}
            for row in run.predictions()]  # fmt: skip
    run.write_predictions(run.report().labels, rows)
    app = evaluate("Most wrong")
    assert "test photos get a wrong label" in words(app) and "None of " in words(app)
    assert not cards(app)


def test_most_wrong_can_be_narrowed(run, evaluate):
    door = run.report().test.operating
    own = predictions.of_run(run, "test")
    app = evaluate("Most wrong")
    for kind, count in (("Wrong pass", door.misses), ("Wrong stop", door.false_alarms)):
        app.segmented_control(key="wrong_kind").set_value(kind).run()
        assert f"{count or 'None'} of {len(own)}" in words(app)
    app.segmented_control(key="wrong_kind").set_value("Wrong label").run()
    app.segmented_control(key="wrong_label").set_value("no_mask").run()
    asked = own.true == "no_mask"
    assert f"{int((own.guess[asked] != 'no_mask').sum()) or 'None'} of {asked.sum()}" in words(app)


def test_a_closer_look_shows_where_the_network_looked(run, evaluate):
    app = evaluate("Most wrong")
    _button(app, "Why?").click().run()
    assert not app.exception
    label = app.segmented_control(key="detail_label_0")
    assert "Grad-CAM" in label.help and label.value in ("mask", "no_mask", "wrong_mask")
    assert re.search(r"\*\*1 of \d+\*\*", words(app))


def test_photos_that_are_gone_are_left_out(run, evaluate):
    own = predictions.of_run(run, "test")
    kept = own.files[int(np.flatnonzero(own.guess != own.true)[0])]
    rows = [row | {"file": "mask/gone.jpg" if row["file"] == kept else row["file"]} for row in run.predictions()]
    run.write_predictions(run.report().labels, rows)
    assert "is gone or damaged" in words(evaluate("Most wrong"))
    assert "1 test photos are gone or damaged" in words(evaluate("Slices"))


def test_slices_are_those_of_the_test_photos(run, evaluate):
    app = evaluate("Slices")
    own = predictions.of_run(run, "test")
    trained = checkpoint.load(paths.models_dir() / run.report().model)
    found = slices(own, attributes.find(run.config.folder, own.files), trained.operating_point)
    table = app.dataframe[0].value
    assert list(table.slice) == [f"{part.axis}: {part.name}" for part in found]
    assert list(table.photos) == sorted(part.photos for part in found)
    assert set(table.note) == {"too few"}
    assert sentences.weakest(found, float((own.guess == own.true).mean())) in words(app)


def test_both_ways_counts_the_same_new_photos_twice(home, evaluate):
    new = make_dataset(home / "datasets" / "new", per_class=7, people=7, seed=9)
    app = evaluate("Photos")
    app.segmented_control(key="eval_from").set_value("From a folder").run()
    app.segmented_control(key="eval_as").set_value("Both").run()
    assert "6 photos of this folder are new" in words(app), "the others were trained on"
    app.selectbox(key="form_dataset").select(str(new)).run()
    _button(app, "Classify whole and cropped").click().run()
    assert not app.exception
    table = app.dataframe[0].value.to_numpy()
    assert f"Of {table.sum()} photos" in words(app) and 0 < table.sum() <= 20
    assert f"{20 - table.sum()} photos in which no face was found" in words(app)
