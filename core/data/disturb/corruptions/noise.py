"""The noise of a sensor."""

from __future__ import annotations

import numpy as np

from core.data.disturb.corruption import Corruption, clip, grain
from core.data.faces.landmarks import Marks


def _noisy(square: np.ndarray, sigma: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # Half of the variance is shot noise, which grows with the light, half is the sensor's own.
    light = square.astype(np.float32)
    spread = np.sqrt(0.5 + 0.5 * light / 128)
    return clip(light + sigma * spread * grain(len(square), rng))


KIND = Corruption(
    name="noise", rank=5, title="Noise", unit="deviation {} of 255", levels=(8, 16, 28, 42, 60), change=_noisy,
)  # fmt: skip
