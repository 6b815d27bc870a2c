"""Hands that hold things before a face: skin is painted in front of the thing, in the face's own units."""

from __future__ import annotations

from core.data.disturb.paint import Canvas, shape


def two_thumbs(canvas: Canvas, half: float) -> None:
    """A thumb on each side of a thing `2 * half` units wide, the hands behind it."""
    for side in (-1, 1):
        canvas.limb((side * (half + 0.9), 2.2), (side * (half + 0.28), 0.95), (0.36, 0.3))
        root, tip = (side * (half + 0.3), 0.85), (side * (half - 0.24), 0.55)
        canvas.limb(root, tip, (0.2, 0.15))
        canvas.nail(root, tip, 0.15)


def one_hand(canvas: Canvas, half: float, top: float) -> None:
    """A hand that comes from below on the right: its ball and thumb on that edge, fingertips round the other from `top`
    downwards."""
    canvas.limb((half + 0.35, top + 1.0), (half + 1.3, 3.0), (0.36, 0.46))
    palm = [(-0.1, 0.2), (0.3, -0.05), (0.55, 0.5), (0.6, 1.2), (0.2, 1.4), (-0.2, 0.9)]
    canvas.flesh(shape([(half + x, top + y) for x, y in palm], 3))
    for place in range(4):
        y = top + 0.06 + 0.23 * place
        canvas.limb((-half - 0.1, y + 0.05), (-half + 0.2 - 0.03 * place, y), (0.13, 0.11))
    root, tip = (half + 0.25, top + 0.3), (half - 0.16, top - 0.12)
    canvas.limb(root, tip, (0.18, 0.13))
    canvas.nail(root, tip, 0.13)


def fist_below(canvas: Canvas, top: float) -> None:
    """A fist round a stick or a cone, its upper edge at `top`; the arm comes from below."""
    canvas.limb((0.25, top + 0.5), (0.8, top + 2.2), (0.36, 0.46))
    canvas.flesh(shape([(-0.3, top), (0.45, top - 0.05), (0.62, top + 0.5), (0.35, top + 1.0), (-0.3, top + 0.95)], 3))
    for place in range(4):
        y = top + 0.1 + 0.23 * place
        canvas.limb((0.42, y + 0.02), (-0.3, y), (0.14, 0.125))
    root, tip = (0.5, top + 0.3), (-0.06, top - 0.06)
    canvas.limb(root, tip, (0.17, 0.13))
    canvas.nail(root, tip, 0.13)
