"""The mean over cells of the mean over labels of a stress suite's answers, with its 95 % interval over groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from core.evaluation.one_run import bootstrap

# Few right or few wrong groups cannot show how alike the answers at several severities are: so many more groups are
# taken to answer every severity alike.
_ALIKE = 2


class Mean:
    """Values of C cells, each (n,) and with which of the n photos were `asked`; `true` and `groups` (n,) name the
    photos' labels and groups. A cell's mean is over the labels that occur in it, all counting the same."""

    def __init__(
        self, values: Sequence[np.ndarray], asked: Sequence[np.ndarray], true: np.ndarray, groups: np.ndarray
    ) -> None:
        occurring = [np.unique(true[shown]) for shown in asked]
        cells = sum(len(labels) > 0 for labels in occurring)
        # A stratum is a label in a cell.
        strata = [(cell, label) for cell, labels in enumerate(occurring) for label in labels]
        self._labels = np.array([label for _, label in strata])
        self._weights = np.array([1 / len(occurring[cell]) / cells for cell, _ in strata])
        of = [asked[cell] & (true == label) for cell, label in strata]
        hits = [values[cell] * shown for (cell, _), shown in zip(strata, of, strict=True)]
        totals = bootstrap.total_by_group(np.array(hits + of).reshape(2 * len(strata), len(true)).T, groups)
        self._counts = totals[totals[:, len(strata) :].any(axis=1)]

    @property
    def value(self) -> float:
        """The mean; 0 where nothing was asked."""
        hits, of = np.hsplit(self._counts.sum(axis=0), 2)
        return float((hits / of) @ self._weights)

    @property
    def share_limits(self) -> tuple[float, float]:
        """95 % interval of a mean of shares: Wilson's, for as many photos as the variance over resampled groups stands
        for; all that lies between 0 and 1 where a label's photos are of fewer than two groups."""
        alone = self._independent
        if not alone:
            return 0.0, 1.0
        value, z2 = self.value, self._quantile**2
        spread = value * (1 - value)
        hits, of = np.hsplit(self._counts, 2)
        telling = min((hits.any(axis=1)).sum(), (hits < of).any(axis=1).sum())
        effect = self._variance * alone / spread if spread > 0 else 1.0
        photos = alone * (telling + _ALIKE) / (telling * effect + _ALIKE)
        middle = (value * photos + z2 / 2) / (photos + z2)
        half = (z2 * (spread * photos + z2 / 4)) ** 0.5 / (photos + z2)
        return float(min(max(middle - half, 0.0), value)), float(max(min(middle + half, 1.0), value))

    @property
    def change_limits(self) -> tuple[float, float]:
        """95 % interval of a mean of changes (-1, 0, 1): the standard error over resampled groups, with one more group
        that changes half each way, as no change at all would else be certain of itself; times Student's quantile."""
        alone = self._independent
        if not alone:
            return -1.0, 1.0
        half = self._quantile * (self._variance + 1 / alone**2) ** 0.5
        return float(max(self.value - half, -1.0)), float(min(self.value + half, 1.0))

    @property
    def _independent(self) -> float:
        """How many photos of one label the groups are worth if each answers every cell alike; 0 if too few to tell."""
        _, of = np.hsplit(self._counts, 2)
        groups = {label: of[:, self._labels == label].any(axis=1).sum() for label in np.unique(self._labels)}
        if not groups or min(groups.values()) < 2:
            return 0.0
        return float(1 / sum(self._weights[self._labels == label].sum() ** 2 / own for label, own in groups.items()))

    @property
    def _quantile(self) -> float:
        return float(stdtrit(max(len(self._counts) - len(np.unique(self._labels)), 1), 0.975))

    @property
    def _variance(self) -> float:
        """The mean's variance when groups are drawn with replacement, over the draws in which every stratum occurs."""
        hits, of = np.hsplit(bootstrap.resample(self._counts), 2)
        whole = (of > 0).all(axis=1)
        drawn = len(self._counts)
        # Resampling G groups shows (G - 1) / G of the variance.
        return float(((hits[whole] / of[whole]) @ self._weights).var() * drawn / (drawn - 1)) if whole.any() else 1.0
