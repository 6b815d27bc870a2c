"""What a corruption of the picture declares, and what several of them are made of.

Every size is relative to the square's side, so that a severity means the same at every image size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.data.disturb.base import Disturbance
from core.data.faces.landmarks import Marks

# Sizes are in pixels of a square of this side.
SIDE = 160
# Width of soft edges, in shares of the side.
SOFT = 0.03
_GAMMA = 2.2

Change = Callable[[np.ndarray, float, np.random.Generator, Marks | None], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Corruption(Disturbance):
    """`levels` are the five severities in the unit that `unit` names, mildest first; `change` makes a changed copy of
    the square at such a level."""

    levels: tuple[float, float, float, float, float]
    change: Change
    trained: bool = False
    needs_face: bool = False

    @property
    def covers_mouth(self) -> bool:
        return False

    def step(self, severity: int) -> str:
        return self.unit.format(f"{self.levels[severity - 1]:g}")

    def apply(
        self, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks | None, training: bool
    ) -> np.ndarray:
        return self.change(square, self.levels[severity - 1], rng, marks)


def expose(square: np.ndarray, stops: float) -> np.ndarray:
    """The picture under 2^stops of its light, by a display's gamma."""
    light = (np.arange(256) / 255) ** _GAMMA * 2.0**stops
    return cv2.LUT(square, clip(255 * np.minimum(light, 1) ** (1 / _GAMMA)))


def grain(side: int, rng: np.random.Generator) -> np.ndarray:
    """Noise (side, side, 3) of deviation 1 in a square of 160 pixels: finer squares get the same grains, larger."""
    own = rng.standard_normal((SIDE, SIDE, 3), np.float32)
    if side == SIDE:
        return own
    return cv2.resize(own, (side, side), interpolation=cv2.INTER_AREA if side < SIDE else cv2.INTER_CUBIC)


def clip(values: np.ndarray) -> np.ndarray:
    """Rounded and cut to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def mix(square: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`share` (S, S) in 0..1 of the other picture."""
    return cv2.blendLinear(square, other, 1 - share, share)
