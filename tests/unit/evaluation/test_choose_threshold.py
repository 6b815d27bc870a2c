"""The choice of the operating point against trying every threshold, and its curve against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from core.evaluation.one_run.choose_threshold import choose, curve
from core.networks.operating_point import OperatingPoint


def scores(seed: int, n: int = 200, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """(probability of mask (n,), compliant (n,)); few digits make ties."""
    rng = np.random.default_rng(seed)
    compliant = rng.random(n) < 0.6
    return np.round(np.where(compliant, rng.beta(6, 1, n), rng.beta(1, 4, n)), digits), compliant


def false_alarm_rate(score: np.ndarray, compliant: np.ndarray, threshold: float) -> float:
    return float((~OperatingPoint(threshold).passes(score))[compliant].mean())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("target", [0.0, 0.02, 0.1, 0.5])
def test_the_strictest_threshold_within_the_target_by_trying_all(seed: int, digits: int, target: float):
    score, compliant = scores(seed, digits=digits)
    threshold = choose(score, compliant, target)
    allowed = [each for each in np.unique(score) if false_alarm_rate(score, compliant, each) <= target]
    strictest = max(allowed)
    assert threshold <= strictest
    assert (OperatingPoint(threshold).passes(score) == OperatingPoint(strictest).passes(score)).all()
    assert false_alarm_rate(score, compliant, threshold) <= target
    below = score[score < strictest]
    assert threshold == pytest.approx((below.max() + strictest) / 2 if len(below) else strictest, abs=1e-12)


def test_by_hand():
    score = np.array([0.9, 0.8, 0.7, 0.4, 0.2])
    compliant = np.array([True, True, True, False, False])
    assert choose(score, compliant) == pytest.approx(0.55)
    assert choose(score, compliant, 0.34) == pytest.approx(0.75)
    assert choose(score, compliant, 1.0) == 1


def test_of_fewer_than_50_compliant_photos_none_may_be_stopped_for_2_percent():
    score = np.linspace(0.5, 1, 51)
    stopped = [
        int((~OperatingPoint(choose(own, own > 0)).passes(own)).sum()) for own in (score[:49], score[:50], score)
    ]
    assert stopped == [0, 1, 1]


def test_a_share_that_floating_point_makes_a_little_less_counts_whole():
    score = np.linspace(0, 1, 100)
    assert 0.29 * 100 < 29
    assert (score < choose(score, score >= 0, 0.29)).sum() == 29


def test_tied_compliant_photos_all_pass():
    score, compliant = np.array([0.6] * 10 + [0.9] * 90 + [0.1]), np.array([True] * 100 + [False])
    assert choose(score, compliant, 0.05) == pytest.approx(0.35)
    assert choose(score, compliant, 0.1) == pytest.approx(0.75)


def test_where_nothing_scores_lower_the_threshold_is_the_lowest_score():
    assert choose(np.array([0.7, 0.8, 0.9]), np.array([True, True, False])) == 0.7


def test_between_neighbouring_numbers_the_higher_is_taken():
    low = 0.7
    high = np.nextafter(low, 1)
    assert choose(np.array([low, high]), np.array([False, True])) == high


def test_without_compliant_photos_the_threshold_is_a_half():
    assert choose(np.array([0.1, 0.9]), np.array([False, False])) == 0.5
    assert choose(np.zeros(0), np.zeros(0, bool)) == 0.5


def test_without_violators_the_threshold_still_follows_the_target():
    score = np.linspace(0.01, 1, 100)
    assert choose(score, np.ones(100, bool)) == pytest.approx(0.025)


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_against_scikit_learn(seed: int):
    score, compliant = scores(seed, n=150)
    false_positive, true_positive, thresholds = roc_curve(compliant, score, drop_intermediate=False)
    expected = {
        threshold: (miss, 1 - passed)
        for miss, passed, threshold in zip(false_positive, true_positive, thresholds, strict=True)
    }
    found = {threshold: (miss, false_alarm) for threshold, miss, false_alarm in curve(score, compliant)}
    assert found[0.0] == (1, 0)
    assert found[1.0] == (0, 1)
    inner = {threshold: rates for threshold, rates in found.items() if 0 < threshold < 1}
    assert len(inner) > 120
    for threshold, rates in inner.items():
        assert rates == pytest.approx(expected[threshold], abs=1e-9)


def test_the_curve_of_many_photos_keeps_its_shape_in_200_points():
    score, compliant = scores(0, n=20_000)
    points = curve(score, compliant)
    assert 190 <= len(points) <= 200
    assert json.loads(json.dumps(points)) == points
    thresholds, misses, false_alarms = np.array(points).T
    assert (np.diff(thresholds) > 0).all()
    assert (thresholds[0], thresholds[-1]) == (0, 1)
    assert (np.diff(misses) <= 0).all()
    assert (np.diff(false_alarms) >= 0).all()
    assert np.diff(false_alarms - misses).max() < 0.012


def test_curves_of_one_kind_of_photo_or_of_none():
    score, none = np.array([0.2, 0.7]), np.zeros(2, bool)
    assert [point[2] for point in curve(score, none)] == [0] * len(curve(score, none))
    assert [point[1] for point in curve(score, ~none)] == [0] * len(curve(score, ~none))
    assert curve(score[:0], none[:0]) == [[0, 0, 0], [1, 0, 0]]
