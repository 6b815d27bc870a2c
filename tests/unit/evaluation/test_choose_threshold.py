"""The choice of the operating point against trying every threshold, its curve against scikit-learn, and from how many
photos on a target counts against SciPy."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_curve

from core.evaluation.one_run.choose_threshold import choose, curve, strictest
from core.networks.operating_point import OperatingPoint, likeliest, photos_to_show


def scores(seed: int, n: int = 200, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """(probability of mask (n,), compliant (n,)); few digits make ties."""
    rng = np.random.default_rng(seed)
    compliant = rng.random(n) < 0.6
    return np.round(np.where(compliant, rng.beta(6, 1, n), rng.beta(1, 4, n)), digits), compliant


def false_alarm_rate(score: np.ndarray, compliant: np.ndarray, threshold: float) -> float:
    return float((~OperatingPoint(threshold).passes(score))[compliant].mean())


@pytest.mark.parametrize("target", [0.005, 0.01, 0.02, 0.05, 0.1, 0.5])
def test_so_many_photos_show_a_target_that_stopping_none_of_them_would(target: float):
    def limit(photos: int) -> float:
        return binomtest(0, photos, alternative="less").proportion_ci(0.95).high

    needed = photos_to_show(target)
    assert limit(needed) <= target
    assert needed == 1 or limit(needed - 1) > target


def test_the_target_counts_from_149_compliant_photos_on():
    """A mask that scores as low as bare faces do would make the threshold let every one of those pass."""
    score = np.concatenate([[0.004], np.linspace(0.6, 1, 200), np.full(40, 0.3)])
    compliant = np.arange(len(score)) < 201
    few = score[[*range(148), *range(201, 241)]], compliant[[*range(148), *range(201, 241)]]
    assert choose(*few) == likeliest() == OperatingPoint(0.5, 0.02, "likeliest")
    assert strictest(*few, 0.0) < 0.3, "for no false alarm at all, the old choice of so few"
    assert not choose(*few).passes(few[0][~few[1]]).any()
    enough = choose(score[compliant][:149], compliant[:149])
    assert enough == OperatingPoint(strictest(score[:149], compliant[:149], 0.02), 0.02, "target")
    assert choose(score, compliant, 0.01).rule == "likeliest"


def test_without_compliant_photos_the_likeliest_label_decides():
    assert choose(np.array([0.1, 0.9]), np.array([False, False])) == likeliest()
    assert choose(np.zeros(0), np.zeros(0, bool)) == likeliest()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("target", [0.0, 0.02, 0.1, 0.5])
def test_the_strictest_threshold_within_the_target_by_trying_all(seed: int, digits: int, target: float):
    score, compliant = scores(seed, digits=digits)
    threshold = strictest(score, compliant, target)
    allowed = [each for each in np.unique(score) if false_alarm_rate(score, compliant, each) <= target]
    highest = max(allowed)
    assert threshold <= highest
    assert (OperatingPoint(threshold).passes(score) == OperatingPoint(highest).passes(score)).all()
    assert false_alarm_rate(score, compliant, threshold) <= target
    below = score[score < highest]
    assert threshold == pytest.approx((below.max() + highest) / 2 if len(below) else highest, abs=1e-12)


def test_by_hand():
    score = np.array([0.9, 0.8, 0.7, 0.4, 0.2])
    compliant = np.array([True, True, True, False, False])
    assert strictest(score, compliant, 0.02) == pytest.approx(0.55)
    assert strictest(score, compliant, 0.34) == pytest.approx(0.75)
    assert strictest(score, compliant, 1.0) == 1


def test_a_share_that_floating_point_makes_a_little_less_counts_whole():
    score = np.linspace(0, 1, 100)
    assert 0.29 * 100 < 29
    assert (score < strictest(score, score >= 0, 0.29)).sum() == 29


def test_tied_compliant_photos_all_pass():
    score, compliant = np.array([0.6] * 10 + [0.9] * 90 + [0.1]), np.array([True] * 100 + [False])
    assert strictest(score, compliant, 0.05) == pytest.approx(0.35)
    assert strictest(score, compliant, 0.1) == pytest.approx(0.75)


def test_where_nothing_scores_lower_the_threshold_is_the_lowest_score():
    assert strictest(np.array([0.7, 0.8, 0.9]), np.array([True, True, False]), 0.02) == 0.7


def test_between_neighbouring_numbers_the_higher_is_taken():
    low = 0.7
    high = np.nextafter(low, 1)
    assert strictest(np.array([low, high]), np.array([False, True]), 0.02) == high


def test_without_violators_the_threshold_still_follows_the_target():
    score = np.linspace(0.01, 1, 100)
    assert strictest(score, np.ones(100, bool), 0.02) == pytest.approx(0.025)


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


@pytest.mark.parametrize("seed", range(4))
def test_weights_count_photos_as_copies_would(seed: int):
    score, compliant = scores(seed)
    copies = np.random.default_rng(seed).integers(1, 5, len(score))
    for target in (0.01, 0.05, 0.2):
        one = strictest(np.repeat(score, copies), np.repeat(compliant, copies), target)
        assert strictest(score, compliant, target, copies.astype(float)) == one
