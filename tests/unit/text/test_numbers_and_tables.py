"""Numbers and tables as text: what is said where a number is missing, at the limits, and how columns line up."""

from __future__ import annotations

import pytest

from core.text import numbers, tables


def test_a_share_is_said_in_percent():
    assert numbers.percent(0.9746) == "97.5\N{NO-BREAK SPACE}%"
    assert numbers.percent(0.9746, 0) == "97\N{NO-BREAK SPACE}%"
    assert numbers.span((0.9, 0.98765)) == "90.0 to 98.8"
    assert numbers.span((0.9, 0.98765), 2) == "90.00 to 98.77"
    assert numbers.percent(None) == numbers.span(None) == "–"


@pytest.mark.parametrize(("share", "text"), [(1.0, "> 99 %"), (0.994, "99 %"), (0.5, "50 %"), (0.001, "< 1 %")])
def test_confidence_never_claims_certainty(share: float, text: str):
    assert numbers.confidence(share) == text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (5300, "88 min"), (5460, "1 h 31 min")]
)
def test_a_duration_has_the_unit_that_fits(seconds: float, words: str):
    assert numbers.duration(seconds) == words


def test_a_clock_has_hours_where_there_are_any():
    assert [numbers.clock(seconds) for seconds in (9, 75, 3723)] == ["0:09", "1:15", "1:02:03"]


def test_a_markdown_table():
    assert tables.markdown(["a", "b"], [["1", "2"], ["3", "4"]]) == "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"
    assert tables.markdown_head(["a"]) == "| a |\n|---|"


def test_columns_stand_under_each_other():
    rows = [["name", "n"], ["a", "100"], ["longer", "5"]]
    assert tables.columns(rows).splitlines() == ["name      n", "a       100", "longer    5"]
    assert tables.columns(rows, left=2).splitlines() == ["name    n", "a       100", "longer  5"]


def test_columns_refuse_rows_of_unlike_length():
    with pytest.raises(ValueError, match="zip"):
        tables.columns([["a", "b"], ["c"]])
