"""How often the 95 % intervals hold the truth: 1,000 simulated studies per setting, of photos alone and of photos in
groups that resemble each other, with three unbalanced classes and two models."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from core.evaluation.compare import paired
from core.evaluation.one_run import bootstrap

# 1,000 studies take minutes: MASKLAB_STUDIES=1000 python -m pytest tests/unit/evaluation/test_bootstrap_coverage.py
STUDIES, RESAMPLES = int(os.environ.get("MASKLAB_STUDIES", "250")), 600
# Where 95 % of all studies' intervals hold the truth, or up to a point more or less, this share of so many does.
LOW, HIGH = (0.95 + side * (0.01 + 3 * (0.95 * 0.05 / STUDIES) ** 0.5) for side in (-1, 1))
NAMES = np.array(["mask", "no_mask", "wrong_mask"])
MIX = np.array([0.57, 0.31, 0.12])
# Recall of each class, by model.
RECALL = np.array([[0.94, 0.90, 0.78], [0.92, 0.93, 0.83]])
# What a wrong photo is taken for, by true class.
MISTAKEN = np.array([[0, 0.7, 0.3], [0.3, 0, 0.7], [0.7, 0.3, 0]])
# Photos per group, as often as in the real faces that this was tried on.
SIZES = np.repeat([1, 2, 3, 4, 6, 9], [56, 18, 9, 7, 6, 4])
# Of a photo's difficulty: the part that its group shares (little, or nearly all), and the part that both models share.
LITTLE, MUCH, BOTH = 0.3, 0.8, 0.6
STATISTICS = (
    "accuracy", "balanced accuracy", "recall", "precision", "miss rate", "false-alarm rate",
    "difference of accuracy", "difference of balanced accuracy", "difference of miss rate",
)  # fmt: skip


@dataclass(frozen=True)
class Study:
    """True class (n,), guesses (2, n) and group (n,) of n photos."""

    true: np.ndarray
    guess: np.ndarray
    group: np.ndarray


def study(seed: int, groups: int, sizes: np.ndarray, within: float = LITTLE) -> Study:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.choice(sizes, groups))
    n = len(group)
    # Most photos of a group are of its main class.
    true = np.where(rng.random(n) < 0.7, rng.choice(3, groups, p=MIX)[group], rng.choice(3, n, p=MIX))
    hardness = within**0.5 * _shared(rng, groups)[:, group] + (1 - within) ** 0.5 * _shared(rng, n)
    other = np.array([rng.choice(3, n, p=row) for row in MISTAKEN])[true, np.arange(n)]
    return Study(true, np.where(hardness < norm.ppf(RECALL)[:, true], true, other), group)


def truth() -> dict[str, float]:
    first, second = (MIX[:, None] * (np.diag(recall) + (1 - recall)[:, None] * MISTAKEN) for recall in RECALL)
    miss = [own[1:, 0].sum() / MIX[1:].sum() for own in (first, second)]
    values = (
        np.trace(first), RECALL[0].mean(), RECALL[0, 2], first[2, 2] / first[:, 2].sum(), miss[0], 1 - RECALL[0, 0],
        np.trace(second) - np.trace(first), RECALL[1].mean() - RECALL[0].mean(), miss[1] - miss[0],
    )  # fmt: skip
    return dict(zip(STATISTICS, values, strict=True))


def intervals(own: Study, resamples: int = RESAMPLES) -> dict[str, tuple[float, float]]:
    """As measure.py and paired.py form them; a photo passes where it is called mask."""
    is_true, is_guess = own.true[:, None] == np.arange(3), own.guess[0][:, None] == np.arange(3)
    mask, passed = is_true[:, :1], own.guess == 0
    every = np.ones_like(mask)
    one = bootstrap.shares(
        np.hstack([(own.true == own.guess[0])[:, None], is_guess, is_true[:, 2:], passed[:1].T, ~passed[:1].T]),
        np.hstack([every, is_true, is_guess[:, 2:], ~mask, mask]),
        own.group, resamples,
    )  # fmt: skip
    two = paired.compare(
        NAMES[own.true], *NAMES[own.guess], own.group.astype(str), passed[0], passed[1], resamples
    )  # fmt: skip
    found = (
        one[0], one.mean([1, 2, 3]), one[3], one[4], one[5], one[6],
        two.accuracy, two.balanced_accuracy, two.miss_rate,
    )  # fmt: skip
    return {name: (each.low, each.high) for name, each in zip(STATISTICS, found, strict=True)}


@cache
def coverage(groups: int, alone: bool, within: float = LITTLE) -> dict[str, float]:
    """Share of the studies whose interval holds the truth, by statistic."""
    sizes, true = np.array([1]) if alone else SIZES, truth()
    hits = dict.fromkeys(STATISTICS, 0)
    for seed in range(STUDIES):
        for name, (low, high) in intervals(study(seed, groups, sizes, within)).items():
            hits[name] += low <= true[name] <= high
    return {name: count / STUDIES for name, count in hits.items()}


@pytest.mark.parametrize("statistic", STATISTICS)
def test_of_300_photos_alone_95_percent_of_the_intervals_hold_the_truth(statistic: str):
    assert LOW <= coverage(300, alone=True)[statistic] <= HIGH


@pytest.mark.parametrize("within", [LITTLE, MUCH])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_of_photos_in_200_groups_95_percent_of_the_intervals_hold_the_truth(statistic: str, within: float):
    assert LOW <= coverage(200, alone=False, within=within)[statistic] <= HIGH


def test_without_the_groups_too_few_intervals_would_hold_the_truth():
    true, hits = truth()["accuracy"], 0
    for seed in range(STUDIES):
        own = study(seed, 200, SIZES)
        low, high = proportion_confint((own.true == own.guess[0]).sum(), len(own.true), method="wilson")
        hits += low <= true <= high
    assert hits / STUDIES < 0.92


@pytest.mark.parametrize("share", [0.98, 0.995])
def test_intervals_hold_the_truth_where_often_no_photo_is_wrong(share: float):
    rng, hits = np.random.default_rng(0), 0
    for _ in range(STUDIES):
        group = np.repeat(np.arange(60), rng.choice(SIZES, 60))
        right = _shared(rng, 60)[0, group] * LITTLE**0.5 + rng.standard_normal(len(group)) * (1 - LITTLE) ** 0.5
        right = (right < norm.ppf(share))[:, None]
        found = bootstrap.shares(right, np.ones_like(right), group, RESAMPLES)[0]
        hits += found.low <= share <= found.high
    # With so few mistakes the coverage jumps from one count to the next; it must not fall below.
    assert hits / STUDIES >= LOW


def _shared(rng: np.random.Generator, count: int) -> np.ndarray:
    """(2, count) standard normal numbers, of which a part is the same in both rows."""
    return BOTH**0.5 * rng.standard_normal(count) + (1 - BOTH) ** 0.5 * rng.standard_normal((2, count))
