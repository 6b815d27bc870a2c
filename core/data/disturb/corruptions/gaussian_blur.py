"""A picture that is out of focus."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import SIDE, Corruption
from core.data.faces.landmarks import Marks


def _blurred(square: np.ndarray, sigma: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    return cv2.GaussianBlur(square, (0, 0), sigma * len(square) / SIDE, borderType=cv2.BORDER_REPLICATE)


KIND = Corruption(
    name="gaussian_blur", rank=1, title="Out of focus", unit="blurred over {} px of 160", levels=(1, 2, 3, 4.5, 6.5),
    change=_blurred, trained=True,
)  # fmt: skip
