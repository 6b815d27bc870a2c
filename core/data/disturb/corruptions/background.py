"""A face before a busy, coloured background."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import SOFT, Corruption, mix
from core.data.faces.landmarks import Marks

# The outline that stays, in widths and heights of the face's box: the head with its hair.
_HEAD = (1.25, 1.3)


def _busy(square: np.ndarray, strength: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    """The surroundings of the head mixed with a coloured pattern; strength 0 leaves them, 1 replaces them."""
    assert marks is not None
    side = len(square)
    x0, y0, x1, y1 = (side * value for value in marks.box)
    outline = ((x0 + x1) / 2, (y0 + y1) / 2), ((x1 - x0) * _HEAD[0], (y1 - y0) * _HEAD[1]), 0
    outside = cv2.ellipse(np.full((side, side), 255, np.uint8), outline, 0, -1, cv2.LINE_AA)
    share = strength / 255 * cv2.GaussianBlur(outside, (0, 0), SOFT * side).astype(np.float32)
    return mix(square, _pattern(side, rng), share)


def _pattern(side: int, rng: np.random.Generator) -> np.ndarray:
    """A bright pattern, uint8 (side, side, 3): patches, stripes, soft blots or discs."""
    count = int(rng.integers(5, 11))
    colours = rng.integers(0, 256, (count, count, 3), dtype=np.uint8)
    form = rng.integers(4)
    if form == 0:
        return _discs(colours.reshape(-1, 3), side, rng)
    if form == 1:
        colours[:] = colours[:1]
    # The pattern is half as large again as the square, so that turning it leaves no corner empty.
    grow = np.diag([1.5 * side / count, 1.5 * side / count, 1])
    turn: np.ndarray = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(0, 180), 1) @ grow
    turn[:, 2] -= side / 4
    smooth = cv2.INTER_CUBIC if form == 2 else cv2.INTER_NEAREST
    return cv2.warpAffine(colours, turn, (side, side), flags=smooth, borderMode=cv2.BORDER_REFLECT)


def _discs(colours: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    canvas = np.empty((side, side, 3), np.uint8)
    canvas[:] = colours[0]
    for colour, (x, y, size) in zip(colours[1:], rng.random((len(colours) - 1, 3)), strict=True):
        middle = round(16 * side * x), round(16 * side * y)
        radius = round(16 * side * (0.04 + 0.12 * size))
        cv2.circle(canvas, middle, radius, colour.tolist(), -1, cv2.LINE_AA, shift=4)
    return canvas


KIND = Corruption(
    name="background", rank=10, title="Busy background", unit="{} of the surroundings replaced",
    levels=(0.3, 0.5, 0.7, 0.85, 1), change=_busy, needs_face=True, scene=True,
)  # fmt: skip
