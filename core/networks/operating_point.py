"""The operating point: who passes at which probability of a mask. Chosen on validation photos, kept in the model
file, and used wherever a face is let pass or stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

import numpy as np

from core.schema.result import LIKELIEST_THRESHOLD, Rule, check_point

FALSE_ALARM_TARGET = 0.02
# What a one-sided 95 % limit leaves out.
_UNSURE = 0.05


@dataclass(frozen=True)
class OperatingPoint:
    """`threshold` is the least calibrated probability of mask, 0..1, at which a face passes, and `rule` what it was
    chosen by:

    - "target": it stops at most the share `target` of the compliant validation photos (false alarms).
    - "likeliest": validation could not show that target, so mask must be likelier than all other labels together.
    - "sources": it stops at most the share `target` of compliant photos, in the mean over sources that trainings with
      the same settings left out.
    - "hand": set by someone on the day `when` (ISO); `target` is the share of compliant validation photos that it
      stops.
    """

    threshold: float
    target: float = FALSE_ALARM_TARGET
    rule: Rule = "target"
    when: str = ""

    def __post_init__(self) -> None:
        if not (0 <= self.threshold <= 1 and 0 <= self.target <= 1):
            raise ValueError(f"threshold {self.threshold} and target {self.target} must lie in 0..1")
        check_point(self)

    @overload
    def passes(self, mask_probability: np.ndarray) -> np.ndarray: ...

    @overload
    def passes(self, mask_probability: float) -> bool: ...

    def passes(self, mask_probability: np.ndarray | float) -> np.ndarray | bool:
        """Whether each face passes, for a calibrated probability of mask or an array of them."""
        return mask_probability >= self.threshold


def likeliest(target: float = FALSE_ALARM_TARGET) -> OperatingPoint:
    """Where validation can't show the target."""
    return OperatingPoint(LIKELIEST_THRESHOLD, target, "likeliest")


def photos_to_show(target: float) -> int:
    """How many compliant photos it takes to show a share of false alarms of at most `target` (above 0, below 1).

    So many that stopping none of them would: the one-sided 95 % limit of 0 of n (Clopper and Pearson 1934), which is
    1 - 0.05 ** (1 / n), or some 3 / n, is then no higher than the target. 149 for 2 %.
    """
    return math.ceil(math.log(_UNSURE) / math.log1p(-target))
