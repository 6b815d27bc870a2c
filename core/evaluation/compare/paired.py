"""Two models on the same photos: how much better one is, whether that could be chance, and Holm's adjustment where
several models are compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from core.evaluation.one_run import bootstrap
from core.schema.labels import COMPLIANT, Label


@dataclass(frozen=True)
class Difference:
    """A share of model a and of model b (0..1), the difference b - a and its 95 % interval (-1..1). `p_value` asks,
    two-sided, whether the shares differ: below 0.05 where the interval excludes 0; None where nobody asked."""

    a: float
    b: float
    difference: float
    low: float
    high: float
    p_value: float | None = None

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0: these photos show a difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Paired:
    """`n` photos in `groups` groups. `only_a_right` and `only_b_right` count the photos that one model alone has right.
    `wrong_mask` is that label's recall, None without a photo of it. `p_value` asks, two-sided, whether the accuracies
    differ, by the statistic that gives their interval: it is below 0.05 where that excludes 0.

    The counts are those of McNemar's test (Psychometrika 12, 1947), whose own p-value takes photos for independent:
    where groups hold several photos, or a photo stands here several times, it is too sure.
    """

    n: int
    groups: int
    accuracy: Difference
    balanced_accuracy: Difference
    miss_rate: Difference
    false_alarm_rate: Difference
    only_a_right: int
    only_b_right: int
    p_value: float
    wrong_mask: Difference | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: the fields, and `shown` beside each difference's own."""
        return {
            name: value | {"shown": getattr(self, name).shown} if isinstance(value, dict) else value
            for name, value in asdict(self).items()
        }


def compare(
    true: np.ndarray,
    guess_a: np.ndarray,
    guess_b: np.ndarray,
    groups: np.ndarray,
    passed_a: np.ndarray,
    passed_b: np.ndarray,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = 0,
) -> Paired:
    """Model b against model a on n aligned photos: (n,) names of labels, (n,) names of groups, (n,) whether each model
    lets the photo pass. Deterministic by seed.

    Balanced accuracy is the mean recall over the true labels that occur; a model is wrong on every photo of a label
    that it does not know. A photo may stand here several times (for several seeds, say) if it keeps its group. A
    difference of no photos is 0 within [-1, 1], and so is the interval where a label's photos are all of one group.

    >>> true = np.repeat(["mask", "no_mask"], 20)
    >>> a, b = true.copy(), true.copy()
    >>> a[:9], b[:1] = "no_mask", "no_mask"
    >>> found = compare(true, a, b, np.arange(40), a == "mask", b == "mask")
    >>> found.only_a_right, found.only_b_right, round(found.accuracy.difference, 3)
    (0, 8, 0.2)
    >>> found.accuracy.shown, found.p_value < 0.05
    (True, True)
    """
    groups = np.unique(groups, return_inverse=True)[1]
    right_a, right_b = guess_a == true, guess_b == true
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    compliant = (true == str(COMPLIANT))[:, None]

    def difference(a: np.ndarray, b: np.ndarray, strata: np.ndarray) -> Difference:
        return _difference(a, b, strata, groups, resamples, seed)

    accuracy, wrongly = difference(right_a, right_b, np.ones_like(compliant)), (true == str(Label.WRONG_MASK))[:, None]
    return Paired(
        n=len(true),
        groups=len(np.unique(groups)),
        accuracy=accuracy,
        balanced_accuracy=difference(right_a, right_b, true[:, None] == np.unique(true)),
        miss_rate=difference(passed_a, passed_b, ~compliant),
        false_alarm_rate=difference(~passed_a, ~passed_b, compliant),
        only_a_right=only_a,
        only_b_right=only_b,
        p_value=1.0 if accuracy.p_value is None else accuracy.p_value,
        wrong_mask=difference(right_a, right_b, wrongly) if wrongly.any() else None,
    )


def of_shares(a: np.ndarray, b: np.ndarray, groups: np.ndarray) -> Difference:
    """The share of `b` (n,) less that of `a` (n,), both boolean, of n photos in the groups (n,)."""
    places = np.unique(groups, return_inverse=True)[1]
    return _difference(a, b, np.ones((len(a), 1), bool), places, bootstrap.RESAMPLES, 0)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted so that the chance of any false finding among all of them stays at the level (Holm,
    Scandinavian Journal of Statistics 6, 1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    stepped = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted.tolist()


def _difference(
    a: np.ndarray, b: np.ndarray, strata: np.ndarray, groups: np.ndarray, resamples: int, seed: int
) -> Difference:
    """The mean over strata of the share of `b` (n,) less that of `a` (n,); `strata` (n, S) are sets of photos. Interval
    and p-value are those of Student's t, the difference over its standard error."""
    strata = strata[:, strata.any(axis=0)]
    if not strata.shape[1]:
        return Difference(0.0, 0.0, 0.0, -1.0, 1.0, 1.0)
    size = strata.sum(axis=0)
    value_a, value_b = (float(((strata & own[:, None]).sum(axis=0) / size).mean()) for own in (a, b))
    middle = value_b - value_a
    error, freedom = _error(b.astype(int) - a, strata, groups, resamples, seed)
    half = float(stdtrit(freedom, 0.975)) * error
    p_value = 2 * float(stdtr(freedom, -abs(middle) / error))
    return Difference(value_a, value_b, middle, max(middle - half, -1.0), min(middle + half, 1.0), p_value)


def _error(
    change: np.ndarray, strata: np.ndarray, groups: np.ndarray, resamples: int, seed: int
) -> tuple[float, float]:
    """The bootstrap's standard error of the mean over strata, infinite where a stratum is of one group, and the degrees
    of freedom of Satterthwaite (Biometrics Bulletin 2, 1946) for strata that differ in size alone."""
    size, occurs = strata.sum(axis=0), (bootstrap.total_by_group(strata, groups) > 0).sum(axis=0)
    if occurs.min() < 2:
        return np.inf, 1.0
    # Of strata alike but for their size, each adds to the variance by one over its number of photos.
    part = (1 / size) / (1 / size).sum()
    # Half of them each way round, so that the models swapped give the interval mirrored, not another one by chance.
    found = sum(_variance(sign * change, strata, groups, resamples // 2, seed) for sign in (1, -1)) / 2
    # Resampling G groups shows (G - 1) / G of the variance.
    found *= part @ (occurs / (occurs - 1))
    freedom = 1 / (part**2 @ (1 / (occurs - 1)))
    return float(found + _one_more(change, strata, groups)) ** 0.5, float(freedom)


def _variance(change: np.ndarray, strata: np.ndarray, groups: np.ndarray, resamples: int, seed: int) -> float:
    """The resampled variance of the mean over strata, where every stratum occurs."""
    counts = bootstrap.total_by_group(np.hstack([change[:, None] * strata, strata]), groups)
    hits, drawn = np.hsplit(bootstrap.resample(counts, resamples, seed), 2)
    whole = (drawn > 0).all(axis=1)
    return float((hits[whole] / drawn[whole]).mean(axis=1).var())


def _one_more(change: np.ndarray, strata: np.ndarray, groups: np.ndarray) -> float:
    """The variance of one more photo on which the models differ, half of it each way, as Agresti and Min add it
    (Statistics in Medicine 24, 2005): no difference at all would else be certain of itself. Few such photos cannot show
    how alike the photos of a group are; so it is averaged, with a weight of two groups, with half of a whole group."""
    weight = strata @ (1 / strata.sum(axis=0)) / strata.shape[1]
    within = weight > 0
    whole, differing = bootstrap.total_by_group(np.stack([weight, within & (change != 0)], axis=1), groups).T
    telling = (differing > 0).sum()
    photo, group = (weight[within] ** 2).mean(), (whole[whole > 0] ** 2).mean()
    return float(((telling + 1) * photo + group) / (telling + 2))
