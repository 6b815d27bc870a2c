"""The page of a finished run says in words what its report holds, and explains validation above training."""

from __future__ import annotations

from core.evaluation.compare.student_reports import LOSSES
from core.evaluation.wording import sentences
from core.store import runs
from core.store.job_state import State
from tests.app.conftest import words
from tests.fixtures.support import tiny_config


def _three_classes():
    return next(run for run in runs.every() if len(run.report().labels) == 3)


def test_the_test_result_is_told_counted_and_drawn(home, page):
    run = _three_classes()
    app = page("2_Runs.py", run=run.id)
    test = run.report().test
    for sentence in (sentences.result, sentences.calibration, sentences.door):
        assert sentence(test) in words(app)
    table = next(frame.value for frame in app.dataframe if "recall" in frame.value.columns)
    low, high = test.per_class["mask"].recall_interval
    assert table.loc["mask", "recall"].endswith(f"({100 * low:.1f} to {100 * high:.1f})")
    assert list(table.photos) == [own.n for own in test.per_class.values()]
    # Two curves, confusion, measures, reliability, and misses against false alarms.
    assert len(app.get("plotly_chart")) == 6


def test_validation_above_training_is_explained_with_the_run_s_own_numbers(home, page):
    run = _three_classes()
    rows = run.metrics()
    run.write_metrics([])
    for row in rows:
        accuracies = {"train_accuracy": 0.5, "measured_train_accuracy": 0.75, "val_accuracy": 0.625}
        run.append_metrics(row | accuracies | {"epoch": int(row["epoch"])})
    text = words(page("2_Runs.py", run=run.id)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Validation lies above training in every epoch, most in epoch 1 (62.5 % against 50.0 %)" in text
    assert "as validation is, it is 75.0 %: no longer below validation" in text
    assert f"Epoch {run.report().best_epoch} of 3 was kept" in text


def test_it_leads_to_the_worst_mistakes(home, page):
    run = _three_classes()
    app = page("2_Runs.py", run=run.id)
    link = next(element for element in app.get("page_link") if "worst mistakes" in element.proto.label)
    assert "view=Most" in link.proto.query_string
    assert run.report().model.removesuffix(".pth") in link.proto.query_string


def test_the_losses_of_report_b_s_network_are_told_apart_from_its_own(home, page):
    other = _three_classes()
    config = tiny_config(home / "datasets" / "drawn", backbone="ResNetLogit", wrong_mask=False)
    run = runs.create(config, 2)
    run.append_metrics(other.metrics()[0])
    run.job.write(State("stopped"))
    assert LOSSES in words(page("2_Runs.py", run=run.id))
    assert LOSSES not in words(page("2_Runs.py", run=other.id))
    runs.delete(run)


def test_the_network_is_shown_by_stage_as_the_trainer_noted_it(home, page):
    run = _three_classes()
    noted = run.network()
    assert noted["trained"] == run.report().trainable_parameters
    app = page("2_Runs.py", run=run.id)
    table = next(frame.value for frame in app.dataframe if "layers" in frame.value.columns)
    assert list(table.stage) == ["features", "classifier"]
    assert list(table.training) == ["trained", "trained"]
    assert f"**{noted['trained']:,} are trained**" in words(app)
    assert not app.get("graphviz_chart"), "it has no residual block"


def test_the_network_of_an_older_run_is_shown_once_asked_for(home, page):
    config = tiny_config(home / "datasets" / "drawn", backbone="MobileNet", mode="retrain")
    run = runs.create(config, 3)
    run.job.write(State("stopped"))
    app = page("2_Runs.py", run=run.id)
    assert not app.get("graphviz_chart")
    next(button for button in app.button if button.label == "Show the network").click().run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "layers" in frame.value.columns)
    assert list(table.training) == ["frozen"] * 3 + ["trained"] * 3
    assert "**2,172,227 are trained**" in words(app)
    assert len(app.get("graphviz_chart")) == 1
    assert run.network()["classes"] == 3, "kept for the next time"
