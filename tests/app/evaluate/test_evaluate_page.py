"""Evaluate's views of one network: its test result, the photos it gets most wrong, its slices, and photos both ways."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.faces import attributes
from core.data.synthetic.demo import make_dataset
from core.evaluation.one_run import predictions
from core.evaluation.one_run.slices import slices
from core.evaluation.wording import sentences
from core.networks import checkpoint
from core.store import paths, runs
from core.ui.evaluate.most_wrong import worst_first
from tests.app.conftest import words
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


def test_the_first_view_is_the_run_s_test_result(run, evaluate):
    app = evaluate()
    assert sentences.result(run.report().test) in words(app)
    assert sentences.door(run.report().test) in words(app)
    assert any(link.proto.label == "The run that made it" for link in app.get("page_link"))


def test_without_its_run_a_network_still_knows_its_test_result(run, evaluate):
    result = sentences.result(run.report().test)
    runs.delete(run)
    assert result in words(evaluate())
    assert "gone from runs/" in words(evaluate())
    for view in ("Most wrong", "Slices", "Stress"):
        assert "is gone from runs/" in words(evaluate(view))


def test_a_network_without_a_test_result_is_told_not_raised(home, page):
    tiny_model(paths.models_dir() / "bare.pth")
    assert "holds no test result" in words(page("4_Evaluate.py", evaluate_model="bare"))


def test_most_wrong_shows_test_photos_only_the_worst_first(run, evaluate):
    own = predictions.of_run(run, "test")
    column = [own.classes.index(label) for label in own.true]
    loss = -np.log(own.probability[np.arange(len(own)), column])
    order = worst_first(own)
    assert list(loss[order]) == sorted(loss, reverse=True)
    app = evaluate("Most wrong")
    shown = [button.key for button in app.button if button.label == "Look closer"]
    assert shown == [f"look_{place}" for place in order]
    assert words(app).count("at the operating point:") == len(own)
    wrong = int((own.guess != own.true).sum())
    assert f"**{len(own)}** test photos, **{wrong}** of them predicted wrongly" in words(app)


def test_most_wrong_can_be_narrowed(run, evaluate):
    door = run.report().test.operating
    app = evaluate("Most wrong")
    app.segmented_control(key="wrong_door").set_value("Passed wrongly").run()
    assert f"**{door.misses}** test photos" in words(app)
    app.segmented_control(key="wrong_door").set_value("Stopped wrongly").run()
    assert f"**{door.false_alarms}** test photos" in words(app)
    app.segmented_control(key="wrong_door").set_value("All").run()
    app.segmented_control(key="wrong_label").set_value("no_mask").run()
    assert f"**{run.report().test.per_class['no_mask'].n}** test photos" in words(app)


def test_a_closer_look_shows_where_the_network_looked(run, evaluate):
    app = evaluate("Most wrong")
    _button(app, "Look closer").click().run()
    assert not app.exception
    assert "Grad-CAM" in words(app)
    assert app.segmented_control(key="closer_label").value in ("mask", "no_mask", "wrong_mask")


def test_photos_that_are_gone_are_left_out(run, evaluate):
    kept = next(row["file"] for row in run.predictions() if row["part"] == "test")
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
    assert set(table.note) == {"too few photos to say much"}
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
