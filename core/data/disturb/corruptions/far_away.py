"""A photo that is not cropped to the face: the photo is a small part of a scene."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import SOFT, Corruption, mix
from core.data.faces.landmarks import Marks

# The scene around the photo is blurred at this side, which is quick and leaves no second face to see.
_COARSE = 32


def _small(square: np.ndarray, factor: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    """The photo at 1/factor of the side, anywhere before its own colours, turned over and blurred."""
    side = len(square)
    few = round(side / factor)
    small = cv2.resize(square, (few, few), interpolation=cv2.INTER_AREA)
    left, top = rng.integers(0, side - few + 1, 2)
    coarse = cv2.resize(square[::-1, ::-1], (_COARSE, _COARSE), interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(coarse, (0, 0), _COARSE / 9, borderType=cv2.BORDER_REPLICATE)
    scene = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    inside = np.zeros((side, side), np.float32)
    rim = max(1, round(SOFT * few))
    inside[top + rim : top + few - rim, left + rim : left + few - rim] = 1
    share = 1 - cv2.GaussianBlur(inside, (0, 0), rim / 2)
    photo = np.zeros_like(square)
    photo[top : top + few, left : left + few] = small
    return mix(photo, scene, share)


KIND = Corruption(
    name="far_away", rank=11, title="Not cropped to the face", unit="photo at 1/{} of the side",
    levels=(1.5, 2, 3, 4, 6), change=_small, scene=True,
)  # fmt: skip
