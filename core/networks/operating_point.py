"""The operating point: who passes at which probability of a mask. Chosen on validation photos, kept in the model
file, and used wherever a face is let pass or stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np

FALSE_ALARM_TARGET = 0.02


@dataclass(frozen=True)
class OperatingPoint:
    """`threshold` is the least calibrated probability of mask, 0..1, at which a face passes; `target` the highest share
    of compliant validation photos, 0..1, that it was allowed to stop (false alarms)."""

    threshold: float
    target: float = FALSE_ALARM_TARGET

    def __post_init__(self) -> None:
        if not (0 <= self.threshold <= 1 and 0 <= self.target <= 1):
            raise ValueError(f"threshold {self.threshold} and target {self.target} must lie in 0..1")

    @overload
    def passes(self, mask_probability: np.ndarray) -> np.ndarray: ...

    @overload
    def passes(self, mask_probability: float) -> bool: ...

    def passes(self, mask_probability: np.ndarray | float) -> np.ndarray | bool:
        """Whether each face passes, for a calibrated probability of mask or an array of them."""
        return mask_probability >= self.threshold
