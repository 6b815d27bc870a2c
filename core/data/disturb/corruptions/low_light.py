"""A picture taken in the dark."""

from __future__ import annotations

import numpy as np

from core.data.disturb.corruption import Corruption, clip, expose, grain
from core.data.faces.landmarks import Marks


def _dark(square: np.ndarray, stops: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # A camera that lacks light gives a dark picture with noise; each stop lost makes the noise a half stronger.
    dark = expose(square, -stops).astype(np.float32)
    return clip(dark + 2 * 1.5 ** (stops - 1) * grain(len(square), rng))


KIND = Corruption(
    name="low_light", rank=6, title="Low light", unit="{} stops darker", levels=(1, 1.75, 2.5, 3.25, 4), change=_dark,
    trained=True,
)  # fmt: skip
