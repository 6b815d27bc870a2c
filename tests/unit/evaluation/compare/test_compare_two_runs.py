"""One network against others on the same photos: counts by hand, intervals, Holm's adjustment and the verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.data.synthetic.demo import make_dataset
from core.evaluation.compare import repeats, two_runs
from core.evaluation.compare.two_runs import Versus
from core.schema.labels import Label
from core.store.runs import Run
from tests.fixtures.compare_fixtures import files_tested, finished_run, right, wrong_on


def _against(*runs: Run) -> list[Versus]:
    first, *others = repeats.entries(runs)
    return two_runs.against(first, others)


def test_counts_and_difference_by_hand(crowd):
    files = files_tested(finished_run(crowd, right))
    a = finished_run(crowd, wrong_on(*files[:5]), epochs=1)
    b = finished_run(crowd, wrong_on(*files[3:6]), epochs=3)
    (found,) = _against(a, b)
    assert (found.paired.only_a_right, found.paired.only_b_right) == (1, 3)
    assert found.paired.accuracy.difference == pytest.approx(2 / len(files))
    assert found.paired.accuracy.a == a.report().test.accuracy
    assert found.paired.balanced_accuracy.b == pytest.approx(b.report().test.balanced_accuracy)
    assert 0.05 < found.paired.p_value == found.p_holm <= 1
    assert found.paired.accuracy.low < 0 < found.paired.accuracy.high
    assert found.verdict == "No difference is shown between A and B."
    assert found.evidence.startswith(
        f"On {len(files)} shared photos, B is right on 3 that A gets wrong, A on 1 that B gets wrong: "
        f"+{100 * 2 / len(files):.1f} points (95 % interval -"
    )
    assert found.sentence == f"{found.verdict} {found.evidence}"
    assert not found.incomplete


def test_a_difference_is_shown_where_there_is_one(crowd):
    files = files_tested(finished_run(crowd, right))
    (found,) = _against(finished_run(crowd, wrong_on(*files[::2]), epochs=1), finished_run(crowd, right, epochs=3))
    assert found.shown
    assert found.verdict.startswith("B is better: it recognises more wrongly worn masks (+")
    assert "is more accurate (+5" in found.verdict
    (turned,) = _against(finished_run(crowd, right, epochs=4), finished_run(crowd, wrong_on(*files[::2]), epochs=5))
    assert turned.verdict == found.verdict.replace("B", "A")
    assert turned.paired.accuracy.difference == -found.paired.accuracy.difference


def test_three_runs_are_adjusted_by_holm(crowd):
    files = files_tested(finished_run(crowd, right))
    a, b, c = (finished_run(crowd, wrong_on(*files[:n]), epochs=epochs) for epochs, n in ((1, 8), (2, 2), (3, 6)))
    found = _against(a, b, c)
    raw = [one.paired.p_value for one in found]
    # B differs from A on six photos, C on two.
    assert raw[0] < raw[1]
    assert [one.p_holm for one in found] == [pytest.approx(2 * raw[0]), pytest.approx(max(2 * raw[0], raw[1]))]
    assert [one.comparisons for one in found] == [2, 2]


def test_holm_can_take_back_what_an_interval_shows(crowd):
    files = files_tested(finished_run(crowd, right))
    wrong = (7, 1, 7, 7, 7, 7, 7)
    found = _against(*(finished_run(crowd, wrong_on(*files[:n]), epochs=1 + i) for i, n in enumerate(wrong)))
    assert found[0].paired.accuracy.shown
    assert found[0].p_holm > 0.05
    assert not found[0].shown
    assert f"no difference shown as one of {len(found)} comparisons" in found[0].sentence
    assert found[0].verdict == "No difference is shown between A and B."


def test_runs_without_a_shared_photo_are_told_what_to_do(crowd, tmp_path):
    other = make_dataset(tmp_path / "other", per_class=8, people=8, seed=9)
    (found,) = _against(finished_run(crowd, right), finished_run(other, right))
    assert found.paired is None
    assert not found.shown
    assert "share no test photo" in found.sentence
    assert "same seed" in found.sentence
    assert found.as_dict()["paired"] is None


def test_wrong_mask_said_of_a_mask_is_wrong(crowd):
    two = finished_run(crowd, right, wrong_mask=False)
    first = files_tested(two, Label.MASK)[0]
    three = finished_run(crowd, lambda row: Label.WRONG_MASK if row.file == first else row.label)
    (found,) = _against(two, three)
    assert (found.paired.only_a_right, found.paired.only_b_right) == (1, 0)
    assert found.photos == len(files_tested(two))
    assert f"On {found.photos} shared photos of labels that both know, B is right on 0" in found.sentence
    assert f"{found.unknown} more have a label that only one of the two knows" in found.on_which_photos


def test_one_verdict_names_what_is_gained_and_what_that_costs(crowd):
    two = finished_run(crowd, right, wrong_mask=False)
    masks = files_tested(two, Label.MASK)
    wrong = files_tested(finished_run(crowd, right, epochs=5), Label.WRONG_MASK)
    (found,) = _against(two, finished_run(crowd, wrong_on(*masks[:8], *wrong[: len(wrong) // 2])))
    recalled, less, alarms = (
        round(100 * share) for share in (1 - len(wrong) // 2 / len(wrong), 8 / found.photos, 8 / len(masks))
    )
    assert found.verdict == (
        f"B recognises wrongly worn masks (+{recalled} points), at {less} points less accuracy and {alarms} points "
        "more false alarms."
    )
    (turned,) = _against(finished_run(crowd, wrong_on(*masks[:8], *wrong[: len(wrong) // 2])), two)
    assert turned.verdict == found.verdict.replace("B", "A"), "whichever is the reference"


def test_below_thirty_shared_photos_there_is_no_verdict(faces):
    a = finished_run(faces, right, wrong_mask=False)
    (found,) = _against(a, finished_run(faces, wrong_on("_0.jpg"), epochs=3))
    assert 0 < found.different < two_runs.LEAST_PHOTOS
    assert found.paired is None
    assert found.sentence == f"A and B share {found.different} test photos: too few to compare (30 at least)."
    told = found.as_dict()
    assert (told["too_few"], told["paired"], told["shown"]) == (True, None, False)


def test_equal_models_show_no_difference(crowd):
    (found,) = _against(finished_run(crowd, right), finished_run(crowd, right, epochs=3))
    assert found.paired.accuracy.difference == 0
    assert "A and B are right on the same and wrong on the same: +0.0 points" in found.sentence
    assert found.verdict == "No difference is shown between A and B."


def test_repeats_are_compared_seed_by_seed_and_pooled(crowd):
    def runs(epochs: int, wrong: int) -> list[Run]:
        return [
            finished_run(crowd, wrong_on(*files_tested(plain)[:wrong]), epochs=epochs, seed=seed)
            for seed, plain in enumerate(plains)
        ]

    plains = [finished_run(crowd, right, seed=seed) for seed in range(3)]
    (found,) = _against(*runs(3, 4), *runs(4, 1))
    sizes = [len(files_tested(plain)) for plain in plains]
    assert [own.photos for own in found.repeats] == sizes
    assert found.photos == sum(sizes)
    assert [own.seed for own in found.repeats] == [0, 1, 2]
    assert [own.difference for own in found.repeats] == [pytest.approx(3 / size) for size in sizes]
    assert found.paired.only_b_right == 9
    assert found.paired.groups == found.different < found.photos, "a photo of several seeds is one group"
    assert "in 3 repeats (B ahead in 3)" in found.sentence


def test_repeats_without_a_common_seed_share_nothing(crowd):
    a = [finished_run(crowd, right, seed=seed) for seed in (0, 1)]
    b = [finished_run(crowd, right, epochs=3, seed=seed) for seed in (2, 3)]
    (found,) = _against(*a, *b)
    assert found.paired is None
    assert "share no test photo" in found.sentence


def test_the_numbers_are_ready_for_json(crowd: Path):
    (found,) = _against(finished_run(crowd, right), finished_run(crowd, wrong_on("_0.jpg"), epochs=3))
    told = json.loads(json.dumps(found.as_dict()))
    assert told["paired"]["accuracy"]["shown"] is found.paired.accuracy.shown
    assert told["sentence"] == found.sentence
    assert told["repeats"][0]["difference"] == found.repeats[0].difference
