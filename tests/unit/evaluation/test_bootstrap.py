"""Intervals of shares, against statsmodels, scikit-learn and the documented formulas; groups, and cases with nothing to
resample. How often the intervals hold the truth is in test_bootstrap_coverage.py."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student
from sklearn import metrics as reference
from statsmodels.api import OLS
from statsmodels.stats.proportion import proportion_confint

from core.evaluation.one_run.bootstrap import Estimate, resample, shares, total_by_group


def photos(seed: int, count: int = 300, groups: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """(right (n,), group (n,)) of photos whose groups are more alike inside than among each other."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, count)
    return rng.random(count) < rng.beta(4, 1, groups)[group], group.astype(str)


def share(right: np.ndarray, groups: np.ndarray, **settings: int) -> Estimate:
    return shares(right[:, None], np.ones((len(right), 1), bool), groups, **settings)[0]


def design_effect(right: np.ndarray, groups: np.ndarray) -> float:
    """As bootstrap.shares describes it, with the cluster-robust variance of statsmodels for the bootstrap's."""
    codes = np.unique(groups, return_inverse=True)[1]
    size, hits = np.bincount(codes), np.bincount(codes, right)
    fit = OLS(right.astype(float), np.ones(len(right))).fit(cov_type="cluster", cov_kwds={"groups": codes})
    found = fit.bse[0] ** 2 / (right.mean() * (1 - right.mean()) / len(right))
    telling = min((hits > 0).sum(), (hits < size).sum())
    half_alike = (1 + (size**2).sum() / len(right)) / 2
    return max((telling * found + 2 * half_alike) / (telling + 2), 1)


def score_interval(value: float, count: float, z: float) -> tuple[float, float]:
    """The shares from which `value`, not 0 or 1, is exactly z standard errors away."""

    def away(truth: float) -> float:
        return (value - truth) ** 2 * count - z**2 * truth * (1 - truth)

    return brentq(away, 0, value, xtol=1e-13), brentq(away, value, 1, xtol=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_photos_that_are_groups_by_themselves_have_wilson_s_own_interval(seed: int):
    right, _ = photos(seed, 40 + 60 * seed)
    expected = proportion_confint(right.sum(), len(right), method="wilson")
    found = share(right, np.arange(len(right)).astype(str))
    assert found.value == pytest.approx(right.mean(), abs=1e-12)
    assert found.interval == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_groups_is_wilson_s_for_the_effective_number_of_photos(seed: int):
    right, groups = photos(seed)
    z = student.ppf(0.975, len(set(groups)) - 1)
    low, high = score_interval(right.mean(), len(right) / design_effect(right, groups), z)
    found = share(right, groups, resamples=100_000)
    # What is left is chance: 100,000 resamples know the standard error to about 0.3 %.
    assert found.interval == pytest.approx((low, high), abs=0.01 * (high - low))
    assert share(right, groups).interval == pytest.approx((low, high), abs=0.05 * (high - low))


@pytest.mark.parametrize("seed", range(3))
def test_several_shares_at_once_against_scikit_learn(seed: int):
    rng = np.random.default_rng(seed)
    true, guess, groups = rng.integers(0, 3, 200), rng.integers(0, 3, 200), rng.integers(0, 50, 200).astype(str)
    is_true, is_guess = true[:, None] == np.arange(3), guess[:, None] == np.arange(3)
    found = shares(np.hstack([is_guess, is_true]), np.hstack([is_true, is_guess]), groups)
    assert found.value[:3] == pytest.approx(reference.recall_score(true, guess, average=None), abs=1e-9)
    assert found.value[3:] == pytest.approx(reference.precision_score(true, guess, average=None), abs=1e-9)
    assert found.mean([0, 1, 2]).value == pytest.approx(reference.balanced_accuracy_score(true, guess), abs=1e-9)
    assert (found.low < found.value).all()
    assert (found.value < found.high).all()


def test_copies_of_a_photo_add_nothing():
    right, _ = photos(1)
    names = np.arange(len(right)).astype(str)
    once, thrice = share(right, names), share(np.tile(right, 3), np.tile(names, 3))
    width = once.high - once.low
    assert thrice.interval == pytest.approx(once.interval, abs=0.05 * width)
    pretended = share(np.tile(right, 3), np.arange(3 * len(right)).astype(str))
    assert pretended.high - pretended.low < 0.65 * width


def test_where_all_or_none_are_right_the_interval_does_not_collapse():
    groups = np.repeat(np.arange(30), 4).astype(str)
    # In groups of 4 with an intraclass correlation of 1/4 a photo is worth 1 / 1.75 of an independent one.
    z2, count = student.ppf(0.975, 29) ** 2, 120 / 1.75
    assert share(np.ones(120, bool), groups).interval == pytest.approx([count / (count + z2), 1], abs=1e-9)
    assert share(np.zeros(120, bool), groups).interval == pytest.approx([0, z2 / (count + z2)], abs=1e-9)


def test_one_more_mistake_does_not_raise_the_lower_limit():
    groups = np.repeat(np.arange(60), 3).astype(str)
    lows = []
    for mistakes in range(8):
        right = np.ones(180, bool)
        right[np.arange(mistakes) * 3] = False
        lows.append(share(right, groups).low)
    assert lows == sorted(lows, reverse=True)


def test_one_group_says_nothing_about_others():
    assert share(np.arange(50) > 5, np.full(50, "anna")).interval == (0, 1)


def test_a_share_of_no_photos_is_0_and_could_be_anything():
    right, groups = photos(0)
    none = np.zeros((len(right), 1), bool)
    found = shares(np.hstack([right[:, None]] * 2), np.hstack([~none, none]), groups)
    assert found[1] == Estimate(0, 0, 1)
    # Sums of one column and of two are added in another order by processors of other widths: the last bit may differ.
    alone = share(right, groups)
    for one in (found[0], found.mean([0])):
        assert (one.value, *one.interval) == pytest.approx((alone.value, *alone.interval), abs=1e-12)
    assert found.mean([]) == Estimate(0, 0, 1)
    assert shares(none[:0], none[:0], groups[:0])[0] == Estimate(0, 0, 1)


def test_the_mean_of_a_share_with_itself_is_that_share_and_of_two_unlike_ones_is_surer():
    right, groups = photos(3)
    half = np.arange(len(right)) % 2 == 0
    every = np.ones(len(right), bool)
    found = shares(np.stack([right] * 4, axis=1), np.stack([every, every, half, ~half], axis=1), groups)
    twice, halves = found.mean((0, 1)), found.mean(np.array([2, 3]))
    assert twice.interval == pytest.approx(found[0].interval, abs=1e-9)
    assert halves.value == pytest.approx((right[half].mean() + right[~half].mean()) / 2)
    assert halves.high - halves.low < min(found[at].high - found[at].low for at in (2, 3))


def test_resampled_totals_vary_as_drawing_groups_with_replacement_does():
    counts = np.random.default_rng(5).integers(0, 6, (70, 3))
    totals = resample(np.hstack([counts, np.ones((70, 1), int)]), 40_000)
    assert (totals[:, 3] == 70).all()
    assert totals[:, :3].mean(axis=0) == pytest.approx(counts.sum(axis=0), rel=0.005)
    assert np.cov(totals[:, :3].T) == pytest.approx(70 * np.cov(counts.T, ddof=0), abs=5)


def test_the_same_seed_gives_the_same_and_the_order_of_photos_is_of_no_matter():
    right, groups = photos(2)
    order = np.random.default_rng(0).permutation(len(right))
    assert share(right, groups) == share(right, groups, seed=0) == share(right[order], groups[order])
    assert share(right, groups) != share(right, groups, seed=1)


def test_sums_by_group():
    columns = np.array([[1, 0], [1, 1], [0, 1]])
    assert total_by_group(columns, np.array(["b", "a", "b"])).tolist() == [[1, 1], [1, 1]]


def test_twenty_thousand_unlike_groups_take_little_memory():
    counts = np.random.default_rng(0).random((20_000, 2))
    tracemalloc.start()
    totals = resample(counts, 600)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert totals.shape == (600, 2)
    assert peak < 90e6
