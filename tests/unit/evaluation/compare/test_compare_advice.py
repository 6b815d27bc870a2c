"""The advice of Compare: every verdict, from shares whose intervals exclude 0 or hold it."""

from __future__ import annotations

import pytest

from core.evaluation.compare.paired import Difference, Paired
from core.evaluation.compare.wrong_mask_training import Answer, Door, Rate, Verdicts
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.wording import advice


def _rate(photos: int, two: int, three: int, shown: bool) -> Rate:
    middle = (three - two) / photos
    half = abs(middle) / 2 if shown else abs(middle) + 0.1
    return Rate(photos, two, three, Difference(two / photos, three / photos, middle, middle - half, middle + half))


def _answer(wrong: Rate, alarms: Rate) -> Answer:
    door = Door(misses=wrong, false_alarms=alarms, no_mask=_rate(50, 0, 0, False), wrong_mask=wrong)
    equal = Difference(0.9, 0.9, 0.0, -0.1, 0.1)
    known = Paired(100, 90, equal, equal, equal, equal, 0, 0, 1.0)
    calls = Verdicts({"mask": wrong.two}, Estimate(0.5, 0.4, 0.6), Estimate(0.5, 0.4, 0.6), wrong.two)
    return Answer(known, calls, calls, door, door, (), "photos", 0, 1)


@pytest.mark.parametrize(
    ("wrong", "alarms", "verdict", "says"),
    [
        (
            _rate(52, 31, 3, True), _rate(210, 4, 6, False), "gain",
            "At its operating point, the network trained with wrong_mask lets pass 3 of 52 wrongly worn masks instead "
            "of 31, and stops 2 of 210 correctly masked people more (which may be chance).",
        ),
        (
            _rate(52, 31, 3, True), _rate(210, 4, 4, False), "gain",
            "lets pass 3 of 52 wrongly worn masks instead of 31, and stops as many correctly masked people (4 of 210).",
        ),
        (
            _rate(52, 6, 2, True), _rate(210, 4, 84, True), "gain at a cost",
            "the network trained with wrong_mask lets pass 2 of 52 wrongly worn masks instead "
            "of 6, and stops 80 of 210 correctly masked people more.",
        ),
        (_rate(52, 3, 31, True), _rate(210, 4, 6, False), "cost", "lets pass 31 of 52 wrongly worn masks instead of 3"),
        (_rate(52, 3, 5, False), _rate(210, 4, 60, True), "cost", "stops 56 of 210 correctly masked"),
        (_rate(52, 3, 5, False), _rate(210, 60, 4, True), "gain", "stops 56 of 210 correctly masked people f"),
        (
            _rate(52, 5, 4, False), _rate(210, 4, 4, False), "no difference shown",
            "No difference is shown: at its operating point, the network trained with wrong_mask lets pass 4 of 52 "
            "wrongly worn masks instead of 5 (which may be chance)",
        ),
        (
            _rate(52, 4, 4, False), _rate(210, 4, 4, False), "no difference shown",
            "lets pass as many wrongly worn masks (4 of 52)",
        ),
        (
            _rate(8, 5, 3, False), _rate(210, 4, 4, False), "too few",
            "Too few photos to say: 8 test photos of wrongly worn masks and 210 of well worn ones.",
        ),
        (_rate(52, 5, 3, False), _rate(6, 0, 1, False), "too few", "52 test photos of wrongly worn masks and 6 of"),
        (_rate(8, 8, 0, True), _rate(210, 4, 4, False), "gain", "lets pass 0 of 8 wrongly worn masks"),
    ],
)  # fmt: skip
def test_advice(wrong: Rate, alarms: Rate, verdict: str, says: str):
    answer = _answer(wrong, alarms)
    assert advice.verdict(answer) == verdict
    assert says in advice.sentences(answer)["advice"]


def test_the_other_sentences_hold_the_counts():
    words = advice.sentences(_answer(_rate(52, 31, 3, True), _rate(210, 4, 6, False)))
    assert "on the 100 test photos of mask and no_mask alone" in words["costs"]
    assert "no difference shown" in words["costs"]
    assert words["wrong_mask"].startswith(
        "Of 52 test photos of a wrongly worn mask, the two-class model predicts 31 mask (50 %, 95 % interval 40 to "
        "60 %);"
    )
    assert "31 pass with two classes and 3 with three, -53.8 points (95 % interval" in words["door"]
    assert "of 210 with one, 4 and 6 are stopped" in words["door"]
    assert words["label"].startswith("By likeliest label instead")
