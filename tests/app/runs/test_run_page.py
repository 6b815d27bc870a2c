"""The page of a finished run says in words what its report holds, explains validation above training, and works out
only the open tab."""

from __future__ import annotations

from core.evaluation.compare.student_reports import LOSSES
from core.evaluation.wording import sentences
from core.schema.setting_words import describe
from core.store import paths, runs
from core.store.job_state import State
from core.store.run_notes import Notes
from core.text.markup import plain
from core.text.numbers import percent
from tests.app.conftest import words
from tests.fixtures.support import tiny_config


def _three_classes():
    return next(run for run in runs.every() if len(run.report().labels) == 3)


def test_the_test_result_is_told_counted_and_drawn(home, page):
    run = _three_classes()
    app = page("2_Runs.py", run=run.id)
    test = run.report().test
    for sentence in (sentences.calibration, sentences.door):
        assert sentence(test) in words(app)
    assert sentences.result(test) in [text.proto.help for text in app.markdown]
    table = next(frame.value for frame in app.dataframe if "recall" in frame.value.columns)
    low, high = test.per_class["mask"].recall_interval
    assert table.loc["mask", "recall"].endswith(f"({100 * low:.1f} to {100 * high:.1f})")
    assert list(table.photos) == [own.n for own in test.per_class.values()]
    # Confusion, measures, reliability, and misses against false alarms.
    assert len(app.get("plotly_chart")) == 4
    tiles = {metric.label: metric.value for metric in app.metric}
    own = test.operating
    assert tiles[f"Missed: {own.misses} of {own.violators}"] == percent(own.miss_rate)
    assert tiles[f"Wrongly stopped: {own.false_alarms} of {own.compliant}"] == percent(own.false_alarm_rate)
    assert next(value for label, value in tiles.items() if label.startswith("Test acc")) == percent(test.accuracy)


def test_validation_above_training_is_explained_with_the_run_s_own_numbers(home, page):
    run = _three_classes()
    rows = run.metrics()
    run.write_metrics([])
    for row in rows:
        accuracies = {"train_accuracy": 0.5, "measured_train_accuracy": 0.75, "val_accuracy": 0.625}
        run.append_metrics(row | accuracies | {"epoch": int(row["epoch"])})
    text = words(page("2_Runs.py", run=run.id, tab="Summary")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Validation lies above training in every epoch, most in epoch 1 (62.5 % against 50.0 %)" in text
    assert "as validation is, it is 75.0 %: no longer below validation" in text
    assert f"Epoch {run.report().best_epoch} of 3 was kept" in text


def test_its_links_lead_to_its_network_and_run(home, page):
    run = _three_classes()
    app = page("2_Runs.py", run=run.id)
    links = {element.proto.label: element.proto.query_string for element in app.get("page_link")}
    model = run.report().model.removesuffix(".pth")
    assert links["Try live"] == f"live_model={model}" and f"evaluate_model={model}" in links["Evaluate"]
    assert links["Compare"] == f"runs={run.id}"


def test_each_tab_shows_what_its_name_says(home, page):
    run = _three_classes()
    expected = {
        "Curves": lambda app: len(app.get("plotly_chart")) == 4,
        "Mistakes": lambda app: "True label" in [group.proto.label for group in app.get("button_group")],
        "Slices": lambda app: any("slice" in frame.value.columns for frame in app.dataframe),
        "Stress": lambda app: any("stress suite" in button.label for button in app.button),
        "Photos": lambda app: "First training batch" in words(app) and "every file could be read" in words(app),
        "Log": lambda app: "epoch 3/3" in app.code[0].value,
    }
    for tab, holds in expected.items():
        app = page("2_Runs.py", run=run.id, tab=tab)
        assert holds(app), tab
        assert not any("recall" in frame.value.columns for frame in app.dataframe), "the summary is not worked out"


def test_settings_are_in_words(home, page):
    run = _three_classes()
    table = page("2_Runs.py", run=run.id, tab="Settings").dataframe[0].value.set_index("setting").value
    assert table[describe("mode")[0]] == "Last layer only (fast)"
    assert table["Augmentation"] == "on" and table["Split"] == "70 / 20 / 10"


def test_an_exported_network_is_offered(home, page):
    app = page("2_Runs.py", run=_three_classes().id)
    next(button for button in app.button if button.label.startswith("Make ONNX")).click().run()
    assert not app.exception and not app.error
    offered = [item.proto.label for item in app.get("download_button")]
    assert {"ONNX", "OpenVINO (.xml and .bin)", "Network (.pth)", "Predictions (CSV)"} <= set(offered)


def test_a_deleted_network_leaves_the_run(home, page):
    run = _three_classes()
    (paths.models_dir() / run.report().model).unlink()
    app = page("2_Runs.py", run=run.id, tab="Mistakes")
    assert "The network of this run is gone from models/" in words(app)
    assert "Try live" not in [element.proto.label for element in app.get("page_link")]


def test_the_name_of_its_owner_is_shown_as_it_is(home, page):
    run = _three_classes()
    run.write_notes(Notes("**Door** :material/star: [x](y)", "# a note", ("<b>", "*tag*")))
    app = page("2_Runs.py", run=run.id)
    assert app.header[0].value == plain(run.notes().name)
    assert "# a note" in [text.value for text in app.text]


def test_the_losses_of_report_b_s_network_are_told_apart_from_its_own(home, page):
    other = _three_classes()
    config = tiny_config(home / "datasets" / "drawn", backbone="ResNetLogit", wrong_mask=False)
    run = runs.create(config, 2)
    run.append_metrics(other.metrics()[0])
    run.job.write(State("stopped"))
    assert LOSSES in words(page("2_Runs.py", run=run.id))
    assert LOSSES not in words(page("2_Runs.py", run=other.id, tab="Curves"))
    runs.delete(run)


def test_the_network_is_shown_by_stage_as_the_trainer_noted_it(home, page):
    run = _three_classes()
    noted = run.network()
    assert noted["trained"] == run.report().trainable_parameters
    app = page("2_Runs.py", run=run.id, tab="Network")
    table = next(frame.value for frame in app.dataframe if "layers" in frame.value.columns)
    assert list(table.stage) == ["features", "classifier"]
    assert list(table.training) == ["trained", "trained"]
    assert f"**{noted['trained']:,} are trained**" in words(app)
    assert not app.get("graphviz_chart"), "it has no residual block"


def test_the_network_of_an_older_run_is_shown_once_asked_for(home, page):
    config = tiny_config(home / "datasets" / "drawn", backbone="MobileNet", mode="retrain")
    run = runs.create(config, 3)
    run.job.write(State("stopped"))
    app = page("2_Runs.py", run=run.id, tab="Network")
    assert not app.get("graphviz_chart")
    next(button for button in app.button if button.label == "Show the network").click().run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "layers" in frame.value.columns)
    assert list(table.training) == ["frozen"] * 3 + ["trained"] * 3
    assert "**2,172,227 are trained**" in words(app)
    assert len(app.get("graphviz_chart")) == 1
    assert run.network()["classes"] == 3, "kept for the next time"
