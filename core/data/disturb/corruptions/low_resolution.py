"""A face of few pixels, enlarged to the size that the network takes."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import Corruption
from core.data.faces.detector import MARGIN
from core.data.faces.landmarks import Marks

# A face crop has the face's box and a margin on each side.
_SQUARE_PER_FACE = 1 + 2 * MARGIN


def _coarse(square: np.ndarray, face: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    side, few = len(square), round(face * _SQUARE_PER_FACE)
    if few >= side:
        return square.copy()
    small = cv2.resize(square, (few, few), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)


KIND = Corruption(
    name="low_resolution", rank=3, title="Low resolution", unit="face of {} px", levels=(64, 48, 32, 24, 16),
    change=_coarse, trained=True,
)  # fmt: skip
