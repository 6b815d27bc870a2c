"""The Compare page: words, numbers and pictures of no, one, two and many runs, and the wrong_mask question."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.data.synthetic.demo import make_dataset
from core.evaluation.compare import repeats, two_runs, under_stress, wrong_mask_training
from core.evaluation.compare.student_reports import LOSSES
from core.evaluation.stress import worker
from core.evaluation.wording import advice
from core.schema.labels import Label
from core.store import paths, runs
from core.store.runs import METRICS
from core.ui.compare import wrong_mask as compare_wrong_mask
from tests.app.conftest import words
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on
from tests.fixtures.support import wait_for

_ABLATION = ((1e-2, False), (1e-3, False), (1e-2, True), (1e-3, True))


def _by_classes(count):
    return next(run for run in runs.every() if len(run.report().labels) == count)


def _tables(app, column):
    return [frame.value for frame in app.dataframe if column in frame.value.columns]


@pytest.fixture
def photos_here(crowd, own_home, monkeypatch):
    """Photos that are enough to compare runs on, with a home of this test's own that has no runs yet."""
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return crowd


@pytest.fixture
def pair(photos_here):
    """Two classes; and three, with false alarms."""
    two = finished_run(photos_here, right, wrong_mask=False)
    return two, finished_run(photos_here, wrong_on(*files_tested(two, Label.MASK)[:8]))


def _ids(*own):
    return ",".join(run.id for run in own)


def test_one_verdict_names_the_trade_off(pair, page):
    app = page("3_Compare.py", runs=_ids(*pair), view="numbers,wrong_mask")
    reference, other = repeats.entries(pair)
    (found,) = two_runs.against(reference, [other])
    assert found.verdict.startswith("B recognises wrongly worn masks (+100 points), at ")
    assert found.verdict in words(app) and found.evidence in words(app)
    assert "A is better" not in words(app) and "Train with" not in words(app)
    assert list(_tables(app, "training")[0].model) == [run.report().model for run in pair]
    (against,) = _tables(app, "only it correct")
    assert against.iloc[0]["difference"] == pytest.approx(100 * found.paired.accuracy.difference)
    assert "only one of the two knows" in words(app), "the wrong_mask photos"


def test_too_few_shared_photos_are_said_and_no_more(home, page):
    two, three = _by_classes(2), _by_classes(3)
    app = page("3_Compare.py", runs=_ids(two, three), view="numbers")
    assert f"A and B share {two.report().test.n} test photos: too few to compare (30 at least)." in words(app)
    assert "points" not in words(app) and "No difference" not in words(app)
    assert not app.get("plotly_chart")
    assert not _tables(app, "only it correct")


def test_only_runs_that_share_test_photos_begin(photos_here, page, tmp_path):
    older = [finished_run(photos_here, right, epochs=epochs) for epochs in (3, 4)]
    finished_run(make_dataset(tmp_path / "other", per_class=8, people=8, seed=9), right)
    app = page("3_Compare.py")
    assert set(app.multiselect(key="compare_runs").value) == {run.id for run in older}


def test_the_wrong_mask_question_is_answered(pair, page):
    app = page("3_Compare.py", runs=_ids(*pair), view="wrong_mask")
    answer = wrong_mask_training.ask(*repeats.entries(pair))
    assert all(sentence in words(app) for sentence in advice.sentences(answer).values())
    (table,) = _tables(app, "decided by")
    assert len(table) == 9
    assert table.iloc[0]["three classes"] == pytest.approx(100 * answer.known.accuracy.b)


def test_folded_parts_are_worked_out_when_they_are_opened(pair, page, monkeypatch):
    asked, answer = [], compare_wrong_mask._answer
    monkeypatch.setattr(compare_wrong_mask, "_answer", lambda *own: (asked.append(own), answer(*own))[1])
    app = page("3_Compare.py", runs=_ids(*pair))
    assert not asked and len(app.get("plotly_chart")) == 2
    app.session_state["compare_fold_wrong_mask"] = True
    app.run()
    assert len(asked) == 1 and app.query_params["view"] == "wrong_mask"


def test_a_link_shows_the_page_again(photos_here, page):
    a, b = (finished_run(photos_here, right, epochs=epochs) for epochs in (3, 4))
    for run in (a, b):
        for epoch in range(1, 7):
            run.append_metrics(dict.fromkeys(METRICS, 0.5) | {"epoch": epoch})
    app = page("3_Compare.py", runs=_ids(a, b), reference=b.id, smoothing="4", view="curves,settings")
    assert app.selectbox(key="compare_reference").value == b.id
    assert app.slider(key="compare_smoothing").value == 4
    link = {name: app.query_params[name] for name in ("runs", "reference", "smoothing", "view")}
    assert link == {"runs": _ids(a, b), "reference": b.id, "smoothing": "4", "view": "curves,settings"}
    app.slider(key="compare_smoothing").set_value(1).run()
    assert "smoothing" not in app.query_params


def test_a_link_counts_more_than_what_was_chosen_before(photos_here, page):
    a, b, c = (finished_run(photos_here, right, epochs=epochs) for epochs in (3, 4, 5))
    app = page("3_Compare.py", runs=_ids(a, b), reference=b.id, view="settings")
    app.query_params.clear()
    app.query_params["runs"] = _ids(b, c)
    app.run()
    assert app.multiselect(key="compare_runs").value == [b.id, c.id]
    assert app.selectbox(key="compare_reference").value == b.id
    assert "view" not in app.query_params
    app.selectbox(key="compare_reference").select(c.id).run()
    assert app.query_params["reference"] == c.id, "and what is chosen after it counts, too"


@pytest.mark.parametrize("query", [{"smoothing": "999"}, {"smoothing": "-1"}, {"view": "nothing"}, {"reference": "x"}])
def test_a_wrong_link_is_passed_over(pair, page, query):
    app = page("3_Compare.py", runs=_ids(*pair), **({"view": "curves"} | query))
    assert app.selectbox(key="compare_reference").value == pair[0].id


def test_runs_come_from_the_address(home, page):
    run = _by_classes(2)
    app = page("3_Compare.py", runs=f"{run.id},nonsense", view="numbers")
    assert list(app.dataframe[0].value.model) == [run.report().model]
    assert "Choose two or more runs" in words(app)
    assert not _tables(app, "only it correct")


def test_no_chosen_run_leaves_the_question_and_the_reports(home, page):
    app = page("3_Compare.py", view="published")
    app.multiselect(key="compare_runs").set_value([]).run()
    assert not app.exception
    assert "Choose two or more runs" in words(app)
    assert "With and without wrong_mask" in [fold.label for fold in app.expander]
    assert len(app.dataframe[-1].value) == 16


def test_runs_of_one_minute_are_told_apart(photos_here, page):
    first = finished_run(photos_here, right)
    wait_for(lambda: f"{datetime.now():%S}" != f"{first.created:%S}", 5)
    second = finished_run(photos_here, right)
    assert first.name == second.name
    app = page("3_Compare.py", runs=_ids(first, second)).run()
    assert app.multiselect(key="compare_runs").value == [first.id, second.id]
    app.selectbox(key="compare_reference").select(second.id).run()
    assert "between B and A" in words(app)


def test_the_reference_can_be_chosen(photos_here, page):
    files = files_tested(finished_run(photos_here, right))
    a, b, c = (finished_run(photos_here, wrong_on(*files[:n]), epochs=3 + n) for n in (0, 1, 2))
    app = page("3_Compare.py", runs=_ids(a, b, c), view="numbers")
    assert "Against A" in words(app)
    assert list(_tables(app, "Holm p")[0][""]) == ["B", "C"]
    app.selectbox(key="compare_reference").select(c.id).run()
    assert not app.exception
    assert "Against C" in words(app)
    assert "A is right on 2 that C gets wrong, C on 0 that A gets wrong" in words(app)


def test_repeats_are_chosen_as_one_entry_or_alone(photos_here, page):
    seeds = [finished_run(photos_here, right, seed=seed) for seed in range(3)]
    other = finished_run(photos_here, right, epochs=5)
    app = page("3_Compare.py", view="numbers")
    table = app.dataframe[0].value
    assert set(table.tested) == {len(files_tested(other)), sum(len(files_tested(run)) for run in seeds)}
    assert table.interval.str.contains("3 runs").sum() == 1
    together = f"all-{min(run.id for run in seeds)}"
    assert together in app.multiselect(key="compare_runs").value
    app.multiselect(key="compare_runs").set_value([seeds[0].id, other.id]).run()
    assert not app.exception
    assert list(app.dataframe[0].value.model) == [run.report().model for run in (seeds[0], other)]


def test_without_a_three_class_run_the_page_says_what_to_train(photos_here, page):
    finished_run(photos_here, right, wrong_mask=False)
    assert "Train a network with wrong_mask, too" in words(page("3_Compare.py", view="wrong_mask"))


def test_runs_on_other_photos_are_told_what_to_do(photos_here, page, tmp_path):
    other = make_dataset(tmp_path / "other", per_class=8, people=8, seed=9)
    pair = finished_run(photos_here, right), finished_run(other, right, wrong_mask=False)
    app = page("3_Compare.py", runs=_ids(*pair), view="wrong_mask,published")
    assert "share no test photo" in words(app)
    assert app.warning[0].value.startswith("BasicCNN"), "the question says so, and the rest of the page stays"
    assert len(app.dataframe[-1].value) == 16


def test_an_ablation_is_measured_on_own_photos(photos_here, own_home, page):
    own = make_dataset(own_home / "datasets" / "own", per_class=5, people=5, seed=4)
    four = [finished_run(photos_here, right, learning_rate=rate, augment=on) for rate, on in _ABLATION]
    app = page("3_Compare.py", view="ablation")
    (table,) = _tables(app, "report B's custom")
    assert list(table["report B's validation"]) == [pytest.approx(share) for share in (99.87, 99.87, 99.90, 99.90)]
    assert list(table["report B's custom"]) == [50, 50, 100, 100]
    assert list(table["test acc."]) == [100 * run.report().test.accuracy for run in four]
    assert "custom photos acc." not in table
    app.selectbox(key="compare_custom_dataset").select(str(own)).run()
    next(button for button in app.button if button.label.startswith("Measure the four")).click().run()
    assert not app.exception
    (table,) = _tables(app, "report B's custom")
    assert list(table["custom, whole"]) == [pytest.approx(100 / 3)] * 4, "these networks call everything mask"
    assert "15 whole, 15 cropped, 0 left out" in words(app)
    (table,) = _tables(page("3_Compare.py", view="ablation"), "report B's custom")
    assert "custom, whole" in table, "what was measured is kept"


def test_the_reference_block_has_report_b_s_rows(home, page):
    app = page("3_Compare.py", view="published")
    reference = app.dataframe[-1].value[-4:]
    assert list(reference.model) == [
        "Report B: baseline", "Report B: learning rate", "Report B: augmentation",
        "Report B: learning rate and augmentation",
    ]  # fmt: skip
    assert list(reference.validation) == [99.87, 99.87, 99.90, 99.90]
    assert list(reference.custom) == [50, 50, 100, 100]
    assert "unavailable" not in words(app)
    assert LOSSES in words(app)


def test_runs_under_stress_are_compared_too(photos_here, page):
    a, b = (finished_run(photos_here, right, epochs=epochs) for epochs in (3, 4))
    assert "have a stress suite of shared photos" in words(page("3_Compare.py", view="stress"))
    for run in (a, b):
        worker.compute(run, photos=6)
    app = page("3_Compare.py", runs=_ids(a, b), view="numbers,stress")
    first, second = repeats.entries([a, b])
    (found,) = under_stress.against(first, [second])
    assert found.sentence in words(app)
    assert list(app.dataframe[0].value.under_stress) == [pytest.approx(100 * found.score.a)] * 2
    assert list(_tables(app, "clean")[0]["photos"]) == [6]


def test_a_lost_network_leaves_the_comparison(pair, page):
    (paths.models_dir() / pair[0].report().model).unlink()
    app = page("3_Compare.py", runs=_ids(*pair), view="numbers,wrong_mask")
    assert "There is no model file" in words(app)
    assert _tables(app, "only it correct")
