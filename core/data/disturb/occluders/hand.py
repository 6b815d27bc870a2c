"""Hands before the mouth, in the skin of the face that they are placed on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Path, shape, strokes

_FINGER = 0.145
Point = tuple[float, float]


def across() -> Canvas:
    """Four fingers lying across the mouth, the hand coming from the side."""
    canvas = Canvas()
    canvas.limb((1.5, 0.5), (2.6, 1.9), (0.42, 0.5))
    canvas.flesh(shape([(0.5, -0.5), (1.35, -0.45), (1.8, 0.2), (1.75, 0.85), (1.1, 0.95), (0.55, 0.62)], 3))
    tips = (0.47, -0.62, 0.36), (0.2, -0.86, 0.13), (-0.08, -0.92, -0.13), (-0.36, -0.72, -0.37)
    _fingers(canvas, [((0.8, knuckle), (x, y)) for knuckle, x, y in tips])
    canvas.limb((1.25, 0.8), (0.35, 0.68), (0.19, 0.14))
    return canvas


def fist() -> Canvas:
    """A fist that is coughed into."""
    canvas = Canvas()
    canvas.limb((0.2, 1.0), (0.75, 2.9), (0.42, 0.5))
    canvas.flesh(shape([(-0.65, -0.3), (0.6, -0.4), (0.78, 0.3), (0.6, 1.05), (-0.1, 1.2), (-0.62, 0.7)], 3))
    _fingers(canvas, [((-0.46 + 0.3 * i, -0.3 - 0.03 * i), (-0.42 + 0.29 * i, 0.22)) for i in range(4)], 0.165,
             nails=False)  # fmt: skip
    canvas.limb((0.62, 0.65), (-0.3, 0.42), (0.19, 0.15))
    return canvas


def fingers_up() -> Canvas:
    """The flat hand from below, its fingers over the mouth."""
    canvas = Canvas()
    canvas.limb((0.05, 1.6), (0.3, 3.1), (0.4, 0.46))
    canvas.limb((0.5, 1.3), (0.85, 0.35), (0.2, 0.14))
    canvas.flesh(shape([(-0.6, 0.45), (0.58, 0.45), (0.66, 1.2), (0.4, 1.8), (-0.35, 1.8), (-0.6, 1.2)], 3))
    _fingers(canvas, [((-0.45, 0.75), (-0.5, -0.28)), ((0.44, 0.75), (0.47, -0.36)),
                      ((-0.15, 0.7), (-0.17, -0.42)), ((0.15, 0.7), (0.16, -0.46))], 0.16)  # fmt: skip
    canvas.shade_skin(0.72, strokes([[(x, 0.72), (x + 0.03, 0.5)] for x in (-0.3, 0.0, 0.3)], 0.03))
    return canvas


def both() -> Canvas:
    """Two hands laid over mouth and nose, fingers slanting up from both sides."""
    canvas = Canvas()
    back = (0.45, 0.35), (0.95, -0.05), (1.45, 0.35), (1.5, 1.3), (0.9, 1.5), (0.45, 0.9)
    fingers = (
        ((0.75, 0.72), (-0.2, 0.34)), ((0.8, 0.48), (-0.26, 0.04)), ((0.86, 0.24), (-0.2, -0.22)),
        ((0.95, 0.04), (0.06, -0.4)),
    )  # fmt: skip
    for side in (-1, 1):
        canvas.limb((side * 1.15, 1.2), (side * 1.5, 3.0), (0.4, 0.46))
        canvas.flesh(shape([(side * x, y) for x, y in back], 3))
        _fingers(canvas, [((side * start[0], start[1]), (side * tip[0], tip[1])) for start, tip in fingers])
    return canvas


def slanted() -> Canvas:
    """Fingers spread a little, from below at a slant."""
    canvas = Canvas()
    canvas.limb((1.1, 1.35), (2.3, 2.9), (0.42, 0.5))
    canvas.flesh(shape([(0.1, 0.7), (0.75, 0.05), (1.35, 0.55), (1.55, 1.4), (1.0, 1.65), (0.45, 1.3)], 3))
    _fingers(canvas, [((0.42, 0.98), (-0.62, 0.42)), ((0.52, 0.75), (-0.72, 0.12)), ((0.68, 0.52), (-0.58, -0.22)),
                      ((0.86, 0.34), (-0.2, -0.42))], 0.155)  # fmt: skip
    canvas.limb((1.35, 0.9), (1.0, -0.15), (0.18, 0.13))
    return canvas


def _fingers(
    canvas: Canvas, pairs: Sequence[tuple[Point, Point]], width: float = _FINGER, nails: bool = True
) -> None:  # fmt: skip
    """Fingers from knuckle to tip, each over the one before, with creases at their joints."""
    for start, tip in pairs:
        canvas.limb(start, tip, (width * 1.08, width * 0.86))
        canvas.shade_skin(0.86, strokes(_creases(np.asarray(start), np.asarray(tip), width), 0.02))
        if nails:
            canvas.nail(start, tip, width)


def _creases(start: np.ndarray, tip: np.ndarray, width: float) -> list[Path]:
    along = (tip - start) / np.linalg.norm(tip - start)
    side = np.array([-along[1], along[0]]) * width * 0.5
    middles = [start + (tip - start) * share + along * shift for share in (0.4, 0.72) for shift in (-0.025, 0.025)]
    return [[tuple(middle - side), tuple(middle + side)] for middle in middles]


KIND = Occluder(
    name="hand", rank=2, title="Hand", unit="{} of a hand that reaches over the nose",
    sizes=(0.92, 1.0, 1.1, 1.22, 1.38), tilt=10.0, aside=(10, 60),
    training={"hand, across": across, "hand, fist": fist},
    test={"hand, fingers up": fingers_up, "hand, both": both, "hand, slanted": slanted},
)  # fmt: skip
