"""A face that is darker than what is bright behind it: a window, the sky."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import Corruption, expose, mix
from core.data.faces.landmarks import Marks

# The head's outline in widths and heights of the face's box, and how soft its edge is, in shares of the side: light
# creeps round it.
_HEAD, _GLARE = (1.2, 1.35), 0.06


def _backlit(square: np.ndarray, stops: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    """The surroundings so much brighter, with their colours fading into white, the head so much darker."""
    assert marks is not None
    side = len(square)
    x0, y0, x1, y1 = (side * value for value in marks.box)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2 - 0.05 * (y1 - y0))
    head = middle, ((x1 - x0) * _HEAD[0], (y1 - y0) * _HEAD[1]), 0
    outside = cv2.ellipse(np.full((side, side), 255, np.uint8), head, 0, -1, cv2.LINE_AA)
    # What is below the face is the body, as dark as it.
    cv2.rectangle(outside, (round(x0), round(middle[1])), (round(x1), side), 0, -1)
    share = cv2.GaussianBlur(outside, (0, 0), _GLARE * side).astype(np.float32) / 255
    bright = expose(square, 1.2 * stops)
    white = np.full_like(square, 255)
    behind = cv2.addWeighted(bright, 1 - 0.2 * stops, white, 0.2 * stops, 0)
    return mix(expose(square, -0.7 * stops), behind, share)


KIND = Corruption(
    name="backlight", rank=12, title="Backlight", unit="{} stops between face and surroundings",
    levels=(0.5, 1, 1.5, 2, 2.5), change=_backlit, needs_face=True,
)  # fmt: skip
