"""Where to set the threshold: what each threshold of the probability of mask would miss and stop, and the
choice of one on validation photos. A face passes from the threshold on (core/networks/operating_point.py)."""

from __future__ import annotations

import numpy as np

from core.networks.operating_point import FALSE_ALARM_TARGET, OperatingPoint, likeliest, photos_to_show

_POINTS = 200


def choose(score: np.ndarray, compliant: np.ndarray, target: float = FALSE_ALARM_TARGET) -> OperatingPoint:
    """The operating point, from the probability of mask (n,) and whether each photo is compliant (n,): the strictest
    that keeps to the share `target` of false alarms (above 0, below 1) where there are photos enough to show that, or
    else the likeliest label's."""
    if compliant.sum() < photos_to_show(target):
        return likeliest(target)
    return OperatingPoint(strictest(score, compliant, target), target)


def strictest(score: np.ndarray, compliant: np.ndarray, target: float, weight: np.ndarray | None = None) -> float:
    """The highest threshold, 0..1, that stops at most the share `target` of the compliant photos, of which there is at
    least one; each counts by its `weight` (n,), above 0, or all alike.

    It decides about these photos as the highest such threshold does, but lies halfway between the lowest score that it
    passes and the next score below, compliant or not: closer to either would promise more than these photos show.
    Where several compliant photos share the deciding score, all of them pass.
    """
    order = np.argsort(score[compliant])
    own, counts = score[compliant][order], np.ones(len(order)) if weight is None else weight[compliant][order]
    # 0.29 * 100 is a little less than 29.
    allowed = int((np.cumsum(counts) <= target * counts.sum() + 1e-9 * counts.min()).sum())
    if allowed >= len(own):
        return 1.0
    lowest = float(own[allowed])
    below = score[score < lowest]
    if not len(below):
        return lowest
    halfway = (float(below.max()) + lowest) / 2
    # Between two neighbouring floating-point numbers there is none.
    return halfway if halfway > below.max() else lowest


def curve(score: np.ndarray, compliant: np.ndarray) -> list[list[float]]:
    """[threshold, miss rate, false-alarm rate] by rising threshold, from 0, where all pass, to 1; at most 200 points,
    spread evenly over the change of the two rates. A rate of no photos is 0."""
    thresholds = np.unique(np.concatenate([[0.0, 1.0], score]))
    violators, own = np.sort(score[~compliant]), np.sort(score[compliant])
    miss = (len(violators) - np.searchsorted(violators, thresholds)) / max(len(violators), 1)
    false_alarm = np.searchsorted(own, thresholds) / max(len(own), 1)
    progress = false_alarm - miss
    wanted = np.linspace(progress[0], progress[-1], _POINTS - 1)
    kept = np.unique(np.append(np.searchsorted(progress, wanted), len(thresholds) - 1))
    return np.stack([thresholds, miss, false_alarm], axis=1)[kept].tolist()
