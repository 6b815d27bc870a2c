"""A picture of somebody who moves, or by a camera that does."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import SIDE, Corruption
from core.data.faces.landmarks import Marks


def _moved(square: np.ndarray, length: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    reach = length * len(square) / SIDE / 2
    side = 2 * int(np.ceil(reach)) + 1
    angle, middle = rng.uniform(0, np.pi), (side - 1) / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    kernel = np.zeros((side, side), np.uint8)
    first, last = (tuple(round(16 * value) for value in middle + sign * step) for sign in (-1, 1))
    cv2.line(kernel, first, last, 255, 1, cv2.LINE_AA, shift=4)
    return cv2.filter2D(square, -1, kernel / kernel.sum(dtype=float), borderType=cv2.BORDER_REPLICATE)


KIND = Corruption(
    name="motion_blur", rank=2, title="Motion blur", unit="moved by {} px of 160", levels=(6, 10, 16, 24, 36),
    change=_moved, trained=True,
)  # fmt: skip
