"""When a network is unsure of a face: its uncertainty, 1 - the highest calibrated probability, is above a threshold
that its model file holds.

This score (Hendrycks and Gimpel, ICLR 2017) has caught more errors on sources that a network never saw than energy and
the distance to class means (docs/starter.md), and needs no more than every runtime gives.
"""

from __future__ import annotations

import numpy as np

# Of validation photos, which are of sources that it knows. On sources that were left out of training it was then unsure
# of 1 to 9 % of the photos, in the mean of 5 %.
VALIDATION_SHARE = 0.01
# Where validation photos are easy, nearly all get more than 99 %, which is no reason to withhold 98 %. An answer that
# is right nine times in ten is given.
_LEAST = 0.1


def uncertainty(probability: np.ndarray) -> np.ndarray:
    """(n,) 1 - the highest of calibrated probabilities (n, k): 0 where one label is certain."""
    return 1 - probability.max(axis=1)


def choose(score: np.ndarray, share: float, weight: np.ndarray | None = None) -> float | None:
    """The lowest threshold that at most a share (0..1) of these uncertainties (n,) are above, but at least 0.1; each
    counts by its `weight` (n,), above 0, or all alike. None where there are fewer than 1 / share photos, which could
    not show one."""
    if int(share * len(score) + 1e-9) < 1:
        return None
    order = np.argsort(-score)
    counts = np.ones(len(score)) if weight is None else weight[order]
    allowed = int((np.cumsum(counts) <= share * counts.sum() + 1e-9 * counts.min()).sum())
    return max(_LEAST, float(score[order][allowed]))


def unsure(probability: np.ndarray, above: float | None) -> np.ndarray:
    """(n,) whether the uncertainty of calibrated probabilities (n, k) is above the threshold; never where there is
    none."""
    return np.zeros(len(probability), bool) if above is None else uncertainty(probability) > above
