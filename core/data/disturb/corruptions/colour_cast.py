"""A picture in coloured light."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import Corruption, clip
from core.data.faces.landmarks import Marks


def _coloured(square: np.ndarray, strength: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # Away from grey in a random direction; the brightness stays about the same.
    hue = rng.uniform(0, 2 * np.pi) + np.array([0, 2, 4]) * np.pi / 3
    gains = np.exp(strength * np.cos(hue))
    table = np.arange(256)[:, None] * gains / gains.mean()
    return cv2.LUT(square, clip(table)[:, None, :])


KIND = Corruption(
    name="colour_cast", rank=8, title="Coloured light", unit="strength {}", levels=(0.1, 0.2, 0.3, 0.4, 0.5),
    change=_coloured, trained=True,
)  # fmt: skip
