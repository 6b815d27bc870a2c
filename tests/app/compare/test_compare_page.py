"""The Compare page: words, numbers and pictures of no, one, two and many runs, and the wrong_mask question."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.data.synthetic.demo import make_dataset
from core.evaluation.compare import repeats, two_runs, under_stress, wrong_mask_training
from core.evaluation.compare.student_reports import LOSSES
from core.evaluation.stress import worker
from core.evaluation.wording import advice
from core.store import paths, runs
from core.ui.compare import view
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
def faces_here(faces, own_home, monkeypatch):
    """The drawn faces, with a home of this test's own that has no runs yet."""
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return faces


def test_trained_networks_are_compared_in_words_and_numbers(home, page):
    two, three = _by_classes(2), _by_classes(3)
    app = page("3_Compare.py", runs=f"{two.id},{three.id}")
    first, second = repeats.entries([two, three])
    (found,) = two_runs.against(first, [second])
    assert found.sentence in words(app)
    assert list(app.dataframe[0].value.model) == [run.report().model for run in (two, three)]
    (against,) = _tables(app, "only it correct")
    assert against.iloc[0]["difference"] == pytest.approx(100 * found.paired.accuracy.difference)
    assert against.iloc[0]["photos"] == two.report().test.n
    assert "only one of the two knows" in words(app), "the wrong_mask photos"


def test_the_wrong_mask_question_is_answered(home, page):
    app = page("3_Compare.py")
    two, three = (repeats.entries([_by_classes(count)])[0] for count in (2, 3))
    answer = wrong_mask_training.ask(two, three)
    assert all(sentence in words(app) for sentence in advice.sentences(answer).values())
    assert answer.at_the_door.wrong_mask.photos == _by_classes(3).report().test.per_class["wrong_mask"].n
    (table,) = _tables(app, "decided by")
    assert len(table) == 9
    assert table.iloc[0]["three classes"] == pytest.approx(100 * answer.known.accuracy.b)


def test_nothing_on_the_page_waits_for_the_wrong_mask_question(home, page, monkeypatch):
    drawn, table, answer = [], view._reference_table, compare_wrong_mask._answer
    monkeypatch.setattr(view, "_reference_table", lambda: (table(), drawn.append("the last of the page")))
    monkeypatch.setattr(compare_wrong_mask, "_answer", lambda *pair: (drawn.append("the answer"), answer(*pair))[1])
    app = page("3_Compare.py")
    assert drawn == ["the last of the page", "the answer"]
    titles = [item.value for item in app.subheader]
    assert titles.index("With and without wrong_mask") < titles.index("What the two reports published")


def test_runs_come_from_the_address(home, page):
    run = _by_classes(2)
    app = page("3_Compare.py", runs=f"{run.id},nonsense")
    assert list(app.dataframe[0].value.model) == [run.report().model]
    assert "Choose two or more runs" in words(app)
    assert not _tables(app, "only it correct")


def test_no_chosen_run_leaves_the_question_and_the_reports(home, page):
    app = page("3_Compare.py")
    app.multiselect(key="compare_runs").set_value([]).run()
    assert not app.exception
    assert "Choose two or more runs" in words(app)
    assert "With and without wrong_mask" in words(app)
    assert len(app.dataframe[-1].value) == 16


def test_runs_of_one_minute_are_told_apart(faces_here, page):
    first = finished_run(faces_here, right)
    wait_for(lambda: f"{datetime.now():%S}" != f"{first.created:%S}", 5)
    second = finished_run(faces_here, right, epochs=4)
    assert first.name == second.name
    app = page("3_Compare.py", runs=f"{first.id},{second.id}").run()
    assert app.multiselect(key="compare_runs").value == [first.id, second.id]
    app.selectbox(key="compare_reference").select(second.id).run()
    assert "Against **B" in words(app)


def test_the_reference_can_be_chosen(faces_here, page):
    files = files_tested(finished_run(faces_here, right))
    a, b, c = (finished_run(faces_here, wrong_on(*files[:n]), epochs=3 + n) for n in (0, 1, 2))
    app = page("3_Compare.py", runs=",".join(run.id for run in (a, b, c)))
    assert "Against **A" in words(app)
    assert list(_tables(app, "Holm p")[0][""]) == ["B", "C"]
    app.selectbox(key="compare_reference").select(c.id).run()
    assert not app.exception
    assert "Against **C" in words(app)
    assert "A is right on 2 that C misses, C on 0 that A misses" in words(app)


def test_repeats_are_chosen_as_one_entry_or_alone(faces_here, page):
    seeds = [finished_run(faces_here, right, seed=seed) for seed in range(3)]
    other = finished_run(faces_here, right, epochs=5)
    app = page("3_Compare.py")
    table = app.dataframe[0].value
    assert set(table.tested) == {len(files_tested(other)), sum(len(files_tested(run)) for run in seeds)}
    assert table.interval.str.contains("3 runs").sum() == 1
    together = f"all-{min(run.id for run in seeds)}"
    assert together in app.multiselect(key="compare_runs").value
    app.multiselect(key="compare_runs").set_value([seeds[1].id, other.id]).run()
    assert not app.exception
    assert list(app.dataframe[0].value.model) == [run.report().model for run in (seeds[1], other)]


def test_without_a_three_class_run_the_page_says_what_to_train(faces_here, page):
    finished_run(faces_here, right, wrong_mask=False)
    assert "Train a network with wrong_mask, too" in words(page("3_Compare.py"))


def test_runs_on_other_photos_are_told_what_to_do(faces_here, page, tmp_path):
    other = make_dataset(tmp_path / "other", per_class=8, people=8, seed=9)
    finished_run(faces_here, right)
    finished_run(other, right, wrong_mask=False)
    app = page("3_Compare.py")
    assert "share no test photo" in words(app)
    assert app.warning[0].value.startswith("BasicCNN"), "the question says so, and the rest of the page stays"
    assert len(app.dataframe[-1].value) == 16


def test_an_ablation_is_measured_on_own_photos(faces_here, own_home, page):
    own = make_dataset(own_home / "datasets" / "own", per_class=5, people=5, seed=4)
    four = [finished_run(faces_here, right, learning_rate=rate, augment=on) for rate, on in _ABLATION]
    app = page("3_Compare.py")
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
    (table,) = _tables(page("3_Compare.py"), "report B's custom")
    assert "custom, whole" in table, "what was measured is kept"


def test_the_reference_block_has_report_b_s_rows(home, page):
    app = page("3_Compare.py")
    reference = app.dataframe[-1].value[-4:]
    assert list(reference.model) == [
        "Report B: baseline", "Report B: learning rate", "Report B: augmentation",
        "Report B: learning rate and augmentation",
    ]  # fmt: skip
    assert list(reference.validation) == [99.87, 99.87, 99.90, 99.90]
    assert list(reference.custom) == [50, 50, 100, 100]
    assert "unavailable" not in words(app)
    assert LOSSES in words(app)


def test_runs_under_stress_are_compared_too(faces_here, page):
    a, b = (finished_run(faces_here, right, epochs=epochs) for epochs in (3, 4))
    assert "Under stress" not in words(page("3_Compare.py"))
    for run in (a, b):
        worker.compute(run, photos=6)
    app = page("3_Compare.py", runs=f"{a.id},{b.id}")
    first, second = repeats.entries([a, b])
    (found,) = under_stress.against(first, [second])
    assert found.sentence in words(app)
    assert list(app.dataframe[0].value.under_stress) == [pytest.approx(100 * found.score.a)] * 2
    assert list(_tables(app, "clean")[0]["photos"]) == [6]


def test_a_lost_network_leaves_the_comparison(faces_here, page):
    two = finished_run(faces_here, right, wrong_mask=False)
    finished_run(faces_here, right)
    (paths.models_dir() / two.report().model).unlink()
    app = page("3_Compare.py")
    assert "There is no model file" in words(app)
    assert _tables(app, "only it correct")
