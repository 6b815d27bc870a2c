"""A head that is held aslant, or a camera that is."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import Corruption
from core.data.faces.landmarks import Marks


def _turned(square: np.ndarray, degrees: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    side = len(square)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2,) * 2, degrees * rng.choice([-1, 1]), 1)
    return cv2.warpAffine(square, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


KIND = Corruption(
    name="rotation", rank=9, title="Turned head or camera", unit="{}°", levels=(10, 20, 30, 45, 60), change=_turned,
    scene=True,
)  # fmt: skip
