"""95 % intervals of shares (accuracy, recall, miss rate, ...) and of their means, for photos that come in groups: where
the same number would lie with other photos, people and bursts of the same kind.

A percentile or BCa bootstrap covers too little where few photos are wrong, and says [1, 1] where none is. So whole
groups are resampled for what a bootstrap is good at, the variance of each share and the correlation of two, and the
interval itself is Wilson's, with the effective number of photos that this variance stands for.
tests/unit/evaluation/test_bootstrap_coverage.py simulates how often these intervals hold the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

RESAMPLES = 2000
# Resamples are drawn in portions of about this many counts (8 bytes each).
_PORTION = 4_000_000


@dataclass(frozen=True)
class Estimate:
    """A share, 0..1, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def interval(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Shares:
    """R shares of the same photos: `value`, `low` and `high` (R,) and `correlation` (R, R) over the resamples. A share
    of no photos is 0 within [0, 1]."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    correlation: np.ndarray

    def __getitem__(self, index: int) -> Estimate:
        return Estimate(float(self.value[index]), float(self.low[index]), float(self.high[index]))

    def mean(self, index: Sequence[int]) -> Estimate:
        """The mean of some of the shares; 0 within [0, 1] for none of them.

        The distances to the limits are added as correlated errors are: "method of variance estimates recovery" (Zou
        and Donner, Statistics in Medicine 27, 2008).
        """
        index = list(index)
        if not index:
            return Estimate(0.0, 0.0, 1.0)
        # Shares of different photos have no reason to vary against each other: a negative correlation is chance.
        value, correlation = self.value[index], np.maximum(self.correlation[np.ix_(index, index)], 0)
        down, up = ((distance @ correlation @ distance) ** 0.5 / len(index)
                    for distance in (value - self.low[index], self.high[index] - value))  # fmt: skip
        middle = float(value.mean())
        return Estimate(middle, middle - float(down), middle + float(up))


def total_by_group(columns: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sums (G, R) of photos' columns (n, R) in each of the G groups that `groups` (n,) names.

    >>> total_by_group(np.array([[1], [2], [4]]), np.array(["anna", "ben", "anna"])).tolist()
    [[5.0], [2.0]]
    """
    names, place = np.unique(groups, return_inverse=True)
    totals = np.zeros((len(names), columns.shape[1]))
    np.add.at(totals, place, columns)
    return totals


def resample(counts: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Totals (resamples, m) of counts (G, m) when G groups are drawn with replacement, deterministic by seed.

    The order of the groups does not matter: groups with the same counts are drawn as one kind.
    """
    kinds, often = np.unique(counts, axis=0, return_counts=True)
    rng, drawn = np.random.default_rng(seed), len(counts)
    rows = max(1, _PORTION // len(kinds))
    sizes = [min(rows, resamples - start) for start in range(0, resamples, rows)]
    return np.concatenate([rng.multinomial(drawn, often / drawn, size) @ kinds for size in sizes])


def shares(hits: np.ndarray, of: np.ndarray, groups: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> Shares:
    """R shares sum(hits) / sum(of), with boolean `hits` and `of` (n, R) and the groups (n,) of n photos.

    Interval: Wilson's score interval for n / D photos with Student's quantile for (groups - 1) degrees of freedom,
    after Korn and Graubard (Survey Methodology 24, 1998), who do so for clustered surveys. D is the design effect
    (Kish, Survey Sampling, 1965): the bootstrap's variance over that of n independent photos, at least 1. Few right or
    few wrong photos cannot show how alike the photos of a group are; so D is averaged, with a weight of two groups,
    with what it is at an intraclass correlation of 1/4: (3 + sum(size^2) / n) / 4. This alone is D
    where all are right or all are wrong. Where each photo is a group by itself the interval is Wilson's own. Where all
    photos are of one group, nothing is known about others: [0, 1].
    """
    if not len(groups):
        empty = np.zeros(hits.shape[1])
        return Shares(empty, empty, empty + 1, np.eye(len(empty)))
    wide = hits.shape[1]
    grouped = total_by_group(np.hstack([hits & of, of]), groups)
    right, size = grouped[:, :wide], grouped[:, wide:]
    count = size.sum(axis=0)
    value = right.sum(axis=0) / np.maximum(count, 1)
    variance, correlation = _spread(resample(grouped, resamples, seed), value)
    effect = _design_effect(right, size, value, variance)
    low, high = _wilson(value, count / effect, _quantile(size))
    return Shares(value, low, high, correlation)


def share(hits: np.ndarray, groups: np.ndarray) -> Estimate:
    """The share of n photos that are hits (n,), with the interval of `shares`: a wider one where photos come in groups.

    >>> hits = np.arange(100) < 90
    >>> [round(limit, 3) for limit in share(hits, np.arange(100)).interval]
    [0.826, 0.945]
    >>> [round(limit, 3) for limit in share(hits, np.arange(100) // 10).interval]
    [0.637, 0.979]
    """
    return shares(hits[:, None], np.ones((len(hits), 1), bool), groups)[0]


def _spread(totals: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(variances (R,), correlations (R, R)) of the resampled shares, over the resamples in which a share has photos."""
    hits, of = np.hsplit(totals, 2)
    valid = of > 0
    away = np.where(valid, hits / np.maximum(of, 1) - value, 0.0)
    together = np.maximum(valid.T.astype(float) @ valid, 1)
    covariance = away.T @ away / together
    variance = np.diag(covariance)
    deviation = np.sqrt(np.where(variance > 0, variance, np.inf))
    correlation = np.clip(covariance / np.outer(deviation, deviation), -1, 1)
    np.fill_diagonal(correlation, 1)
    return variance, correlation


def _design_effect(right: np.ndarray, size: np.ndarray, value: np.ndarray, variance: np.ndarray) -> np.ndarray:
    groups, count = (size > 0).sum(axis=0), np.maximum(size.sum(axis=0), 1)
    alone, alike = value * (1 - value) / count, (size**2).sum(axis=0) / count
    # Resampling G groups shows (G - 1) / G of the variance.
    found = variance * groups / np.maximum(groups - 1, 1) / np.where(alone > 0, alone, 1)
    telling = np.minimum((right > 0).sum(axis=0), (right < size).sum(axis=0))
    expected = (3 + alike) / 4
    return np.where(alike > 1, np.maximum((telling * found + 2 * expected) / (telling + 2), 1), 1)


def _quantile(size: np.ndarray) -> np.ndarray:
    groups, alone = (size > 0).sum(axis=0), size.max(axis=0) <= 1
    freedom = np.where(alone, np.inf, groups - 1)
    return np.where(freedom > 0, stdtrit(np.maximum(freedom, 1), 0.975), np.inf)


def _wilson(value: np.ndarray, photos: np.ndarray, quantile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(quantile) & (photos > 0)
    z2 = np.where(known, quantile, 1) ** 2
    middle = (value * photos + z2 / 2) / (photos + z2)
    half = np.sqrt(z2 * (value * (1 - value) * photos + z2 / 4)) / (photos + z2)
    low = np.where(known, np.minimum(np.maximum(middle - half, 0), value), 0)
    return low, np.where(known, np.maximum(np.minimum(middle + half, 1), value), 1)
