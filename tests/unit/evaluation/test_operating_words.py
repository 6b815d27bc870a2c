"""The operating point in words: who passes, and what it was chosen by."""

from __future__ import annotations

import pytest

from core.evaluation.wording.operating_words import chosen, computed_before, counted, pass_at
from core.networks.operating_point import OperatingPoint, likeliest
from core.schema.result import ChosenPoint
from core.text.numbers import NO_BREAK_SPACE, threshold
from tests.fixtures.result_fixtures import changed, measured, reported


def plain(text: str) -> str:
    return text.replace(NO_BREAK_SPACE, " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "50 %"), (0.4157, "42 %"), (0.01, "1 %"), (0.004, "0.4 %"), (0.00037, "0.04 %"), (0.9994, "99.94 %"),
     (0, "0 %"), (1, "100 %")],
)  # fmt: skip
def test_a_threshold_is_whole_percent_and_never_rounded_to_none_or_all(value: float, text: str):
    assert plain(threshold(value)) == text
    assert plain(pass_at(OperatingPoint(value))) == f"Pass at ≥ {text} mask"


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (OperatingPoint(0.4), "chosen on validation photos for at most 2 % false alarms"),
        (likeliest(), "which is likelier than all other labels together: fewer than 149 correctly masked "
                      "validation photos can't show at most 2 % false alarms"),
        (likeliest(0.05), "fewer than 59 correctly masked validation photos can't show at most 5 % false alarms"),
        (OperatingPoint(0.3, 0.02, "sources"),
         "chosen on photos of sources that were left out, for at most 2 % false alarms in their mean"),
        (OperatingPoint(0.7, 0.034, "hand", "2026-03-07"),
         "set by hand on 7 March 2026, to stop 3 % of correctly masked validation photos"),
    ],
)  # fmt: skip
def test_it_says_what_it_was_chosen_by(point: OperatingPoint, words: str):
    assert words in plain(chosen(point))


def test_a_suite_of_another_operating_point_is_to_be_run_again():
    report = reported()
    assert computed_before(None, report) == computed_before(0.4, report) == ""
    assert "at ≥ 70 % mask, and it is ≥ 40 % now" in plain(computed_before(0.7, report))
    by_hand = changed(report, automatic_point=report.operating_point,
                      operating_point=ChosenPoint(threshold=0.9, target=0.5, rule="hand", when="2026-11-30"))
    assert "at ≥ 40 % mask, and it is ≥ 90 % now" in plain(computed_before(None, by_hand))
    assert computed_before(0.9, by_hand) == ""


def test_counts_are_told_with_shares_and_intervals():
    own = measured().operating
    low, high = own.miss_interval
    said = plain(counted(own, "misses"))
    assert said == f"{own.misses} of 40 ({100 * own.miss_rate:.1f} %, {100 * low:.1f} to {100 * high:.1f})"
    assert plain(counted(own, "false alarms")).startswith(f"{own.false_alarms} of 20 (")


@pytest.mark.parametrize(
    "wrong",
    [(0.4, 0.02, "likeliest"), (0.5, 0.0, "likeliest"), (0.5, 1.0, "likeliest"), (0.5, 0.02, "hand"),
     (0.5, 0.02, "hand", "soon"), (0.5, 0.02, "luck"), (0.5, 0.02, ["target"])],
)  # fmt: skip
def test_a_point_that_its_rule_could_not_have_chosen_is_none(wrong: tuple):
    with pytest.raises((ValueError, TypeError)):
        OperatingPoint(*wrong)
