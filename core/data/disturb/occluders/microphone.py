"""Microphones that are spoken or sung into: bare grilles, foam, a reporter's with its cube."""

from __future__ import annotations

import numpy as np

from core.data.disturb.grips import fist_below
from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, cloth, ellipse, grid, shape, strokes

_MIDDLE = 0.2


def grille(metal: Colour, stick: Colour, radius: float) -> Canvas:
    """A singer's: a ball of wire with a band round it."""
    canvas = Canvas()
    _stick(canvas, stick)
    ball = ellipse((0, _MIDDLE), (radius, radius * 1.02))
    canvas.paint(ball, metal)
    x, y = grid()
    mesh = np.abs(np.sin(26 * (x + y - _MIDDLE))) * np.abs(np.sin(26 * (x - y + _MIDDLE)))
    canvas.shade((0.55 + 0.55 * mesh).astype(np.float32), ball)
    _round(canvas, ball, radius)
    band = ball * (np.abs(y - _MIDDLE - 0.3 * radius) < 0.06)
    canvas.paint(band, np.multiply(metal, 0.8))
    canvas.alpha = np.maximum(canvas.alpha, ball)
    _round(canvas, band, radius)
    fist_below(canvas, 1.15)
    return canvas


def foam(colour: Colour, stick: Colour, radius: float, seed: int, cube: Colour | None = None) -> Canvas:
    """Under a wind shield of foam; with a `cube` of that colour below it, a reporter's."""
    canvas = Canvas()
    _stick(canvas, stick)
    if cube is not None:
        box = shape([(-0.5, 0.74), (0.5, 0.74), (0.46, 1.38), (-0.46, 1.38)])
        canvas.paint(box, cube)
        x, _ = grid()
        canvas.shade(np.where(x < -0.08, 1.05, 0.8).astype(np.float32), box)
        canvas.paint(strokes([[(0.02, 1.02), (0.36, 1.02)]], 0.14) * box, (250, 250, 250))
    ball = ellipse((0, _MIDDLE), (radius, radius * 1.04))
    canvas.paint(ball, colour)
    canvas.shade((1 + 0.09 * cloth(seed, 0.02)).astype(np.float32), ball)
    _round(canvas, ball, radius)
    fist_below(canvas, 1.45 if cube else 1.2)
    return canvas


def _stick(canvas: Canvas, colour: Colour) -> None:
    body = shape([(-0.3, 0.5), (0.3, 0.5), (0.2, 2.7), (-0.2, 2.7)])
    canvas.paint(body, colour)
    x, _ = grid()
    canvas.shade((1.15 - 2.2 * np.abs(x + 0.06)).clip(0.45, 1.2), body)


def _round(canvas: Canvas, ball: np.ndarray, radius: float) -> None:
    """Lit as a ball is: from the upper left."""
    x, y = grid()
    away = np.hypot(x + 0.35 * radius, y - _MIDDLE + 0.4 * radius) / radius
    canvas.shade((1.15 - 0.3 * away**1.6).clip(0.3, 1.2).astype(np.float32), ball)


KIND = Occluder(
    name="microphone", rank=8, title="Microphone", unit="{} of a microphone that reaches up to the nose",
    sizes=(0.9, 1.02, 1.16, 1.32, 1.48), tilt=16.0, aside=(30, 90),
    training={
        "microphone, steel": lambda: grille((175, 177, 182), (40, 40, 44), 0.58),
        "microphone, black foam": lambda: foam((38, 38, 40), (50, 50, 54), 0.6, 61),
        "microphone, red foam": lambda: foam((180, 40, 45), (50, 50, 54), 0.6, 62),
        "microphone, reporter's": lambda: foam((45, 60, 120), (45, 45, 48), 0.58, 63, cube=(50, 90, 180)),
    },
    test={
        "microphone, golden": lambda: grille((200, 170, 105), (150, 120, 70), 0.58),
        "microphone, yellow foam": lambda: foam((225, 185, 60), (60, 60, 64), 0.6, 71),
        "microphone, reporter's red": lambda: foam((60, 60, 62), (45, 45, 48), 0.58, 72, cube=(190, 40, 50)),
    },
)  # fmt: skip
