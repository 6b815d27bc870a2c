"""What training on wrong_mask gains: both models on the same photos, counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint

from core.data.dataset.scan import scan
from core.data.synthetic.demo import make_dataset
from core.evaluation.compare import repeats, wrong_mask_training
from core.evaluation.compare.wrong_mask_training import Answer
from core.schema.errors import UserError
from core.schema.labels import Label
from core.store import paths
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on


def _ask(two: list[Run], three: list[Run]) -> Answer:
    first, second = repeats.entries([*two, *three])
    return wrong_mask_training.ask(first, second)


@pytest.fixture
def two(crowd) -> Run:
    """Right on its own labels; its network calls every wrong_mask photo mask."""
    return finished_run(crowd, right, wrong_mask=False)


def test_where_the_wrong_mask_photos_go(crowd, two):
    wrong = files_tested(finished_run(crowd, right, epochs=5), Label.WRONG_MASK)
    called = {wrong[0]: Label.MASK, wrong[1]: Label.NO_MASK}
    three = finished_run(crowd, lambda row: called.get(row.file, row.label))
    answer = _ask([two], [three])
    assert answer.two.calls == {"mask": len(wrong)}
    assert answer.three.calls == {"mask": 1, "no_mask": 1, "wrong_mask": len(wrong) - 2}
    assert (answer.two.passed, answer.three.passed) == (len(wrong), 1)
    assert answer.three.called_mask.value == pytest.approx(1 / len(wrong))
    # Groups of several photos say less than so many photos: the interval is never narrower than Wilson's.
    low, high = proportion_confint(1, len(wrong), method="wilson")
    assert answer.three.called_mask.low <= low + 1e-9
    assert answer.three.called_mask.high >= high - 1e-9
    assert answer.let_through == tuple(wrong)
    assert answer.left_aside == 0


def test_costs_and_the_door(crowd, two):
    masks = files_tested(two, Label.MASK)
    three = finished_run(crowd, wrong_on(*masks[:2]))
    answer, n = _ask([two], [three]), len(files_tested(two))
    assert answer.known.n == n
    assert (answer.known.accuracy.a, answer.known.accuracy.b) == (1, pytest.approx(1 - 2 / n))
    alarms, misses = answer.at_the_door.false_alarms, answer.at_the_door.misses
    assert (alarms.photos, alarms.two, alarms.three) == (len(masks), 0, 2)
    assert alarms.difference.difference == pytest.approx(2 / len(masks))
    wrong = len(files_tested(three, Label.WRONG_MASK))
    bare = len(files_tested(three, Label.NO_MASK))
    assert (misses.photos, misses.two, misses.three) == (wrong + bare, wrong, 0)
    assert answer.at_the_door.no_mask.photos == bare
    assert answer.at_the_door.wrong_mask.difference.difference == -1
    assert answer.by_label.wrong_mask.two == wrong, "at 0.5 and two labels, the likeliest label decides alike"


def test_wrong_mask_photos_that_the_two_class_model_knew_are_left_aside(crowd):
    three = finished_run(crowd, right)
    wrong = files_tested(three, Label.WRONG_MASK)
    digests = {photo.file: photo.digest for photo in scan(crowd).photos}
    two = finished_run(crowd, right, wrong_mask=False, seen=frozenset(digests[file] for file in wrong[:2]))
    answer = _ask([two], [three])
    assert answer.left_aside == 2
    assert answer.at_the_door.wrong_mask.photos == len(wrong) - 2
    assert answer.let_through == tuple(wrong[2:])


def test_repeats_are_asked_pair_by_pair(crowd):
    twos, threes = ([finished_run(crowd, right, wrong_mask=on, seed=seed) for seed in (0, 1)] for on in (False, True))
    answer = _ask(twos, threes)
    asked = [file for run in threes for file in files_tested(run, Label.WRONG_MASK)]
    assert answer.repeats == 2
    assert answer.at_the_door.wrong_mask.photos == len(asked)
    assert set(answer.let_through) == set(asked)
    assert len(answer.let_through) == len(set(asked))


def test_the_answer_is_ready_for_json(crowd, two):
    answer = _ask([two], [finished_run(crowd, right)])
    told = json.loads(json.dumps(answer.as_dict()))
    assert told["known"]["accuracy"]["shown"] is answer.known.accuracy.shown
    assert told["at_the_door"]["wrong_mask"]["difference"]["shown"] is True
    assert told["two"]["called_mask"]["value"] == 1


def test_two_runs_of_two_classes_do_not_fit(crowd, two):
    with pytest.raises(UserError, match="one finished run with two classes and one with three"):
        _ask([two], [finished_run(crowd, right, wrong_mask=False, epochs=5)])


def test_runs_without_a_common_test_photo_do_not_fit(crowd, two, tmp_path: Path):
    other = make_dataset(tmp_path / "other", per_class=8, people=8, seed=9)
    with pytest.raises(UserError, match="share no test photo"):
        _ask([two], [finished_run(other, right)])


def test_too_few_shared_photos_are_a_sentence(faces):
    two, three = (finished_run(faces, right, wrong_mask=on) for on in (False, True))
    with pytest.raises(UserError, match="too few to compare"):
        _ask([two], [three])


def test_a_missing_network_is_a_sentence(crowd, two):
    three = finished_run(crowd, right)
    (paths.models_dir() / two.report().model).unlink()
    with pytest.raises(UserError, match="There is no model file"):
        _ask([two], [three])
