"""A picture of which the bright parts have lost their detail."""

from __future__ import annotations

import numpy as np

from core.data.disturb.corruption import Corruption, expose
from core.data.faces.landmarks import Marks


def _bright(square: np.ndarray, stops: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    return expose(square, stops)


KIND = Corruption(
    name="over_exposure", rank=7, title="Over-exposure", unit="{} stops brighter", levels=(0.5, 1, 1.5, 2, 2.75),
    change=_bright, trained=True,
)  # fmt: skip
