"""Cups that are drunk from, held by their handle or round their body. Never used in training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, ellipse, grid, shape, strokes

_RIM, _FOOT = -0.38, 1.05
Decoration = Callable[[Canvas, np.ndarray], None]


def mug(body: Colour, decoration: Decoration, inside: Colour = (90, 60, 40)) -> Canvas:
    """A mug with a handle and three fingers in it."""
    canvas = Canvas()
    turn = np.linspace(-0.55 * np.pi, 0.55 * np.pi, 24)
    handle = [(0.6 + 0.4 * np.cos(angle), 0.32 + 0.42 * np.sin(angle)) for angle in turn]
    canvas.paint(strokes([handle], 0.15), np.multiply(body, 0.85))
    _vessel(canvas, body, 0.66, 0.6, decoration, inside)
    canvas.limb((1.25, 1.0), (2.4, 2.4), (0.4, 0.48))
    canvas.flesh(shape([(0.85, 0.1), (1.3, 0.05), (1.5, 0.7), (1.2, 1.2), (0.85, 1.0)], 3))
    for y in (0.72, 0.46, 0.2):
        canvas.limb((1.15, y + 0.06), (0.74, y), (0.15, 0.13))
    canvas.limb((1.2, 0.15), (0.78, -0.16), (0.16, 0.13))
    return canvas


def beaker(body: Colour, decoration: Decoration, lid: Colour) -> Canvas:
    """A paper cup with a lid, held round its body."""
    canvas = Canvas()
    _vessel(canvas, body, 0.62, 0.46, decoration, lid)
    canvas.paint(shape([(-0.66, _RIM - 0.05), (0.66, _RIM - 0.05), (0.64, _RIM + 0.1), (-0.64, _RIM + 0.1)]), lid)
    canvas.paint(ellipse((0, _RIM - 0.05), (0.66, 0.1)), np.multiply(lid, 1.04).clip(0, 255))
    canvas.limb((1.0, 1.1), (2.2, 2.6), (0.4, 0.48))
    canvas.flesh(shape([(0.5, 0.2), (0.95, 0.25), (1.2, 0.9), (0.95, 1.3), (0.5, 1.1)], 3))
    for place in range(4):
        y = 0.28 + 0.23 * place
        canvas.limb((0.75, y + 0.08), (-0.28 + 0.04 * place, y), (0.15, 0.125))
    return canvas


def _vessel(
    canvas: Canvas, body: Colour, top: float, foot: float, decoration: Decoration, inside: Colour
) -> None:  # fmt: skip
    x, y = grid()
    turn = np.linspace(0, np.pi, 24)
    base = [(foot * np.cos(angle), _FOOT + 0.1 * np.sin(angle)) for angle in turn]
    wall = shape([(-top, _RIM), (top, _RIM), *base])
    canvas.paint(wall, body)
    decoration(canvas, wall)
    # A round wall: light from the left, a soft gleam, dark towards the right edge.
    out = np.clip(x / (top + (foot - top) * (y - _RIM) / (_FOOT - _RIM)), -1, 1)
    light = 0.55 + 0.5 * np.sqrt(1 - (0.75 * out + 0.25) ** 2 * 0.9) + 0.16 * np.exp(-(((out + 0.5) / 0.12) ** 2))
    canvas.shade(light.astype(np.float32), wall)
    canvas.paint(ellipse((0, _RIM), (top, 0.11)), np.multiply(body, 1.05).clip(0, 255))
    canvas.paint(ellipse((0, _RIM + 0.01), (top - 0.06, 0.075)), inside)


def _plain(canvas: Canvas, wall: np.ndarray) -> None:
    """Nothing on it."""


def _band(canvas: Canvas, wall: np.ndarray) -> None:
    _, y = grid()
    canvas.paint(wall * (np.abs(y - 0.35) < 0.17), (45, 85, 150))


def _dots(canvas: Canvas, wall: np.ndarray) -> None:
    for row, y in enumerate(np.arange(-0.12, 1.0, 0.28)):
        for x in np.arange(-0.6 + 0.15 * (row % 2), 0.7, 0.3):
            canvas.paint(ellipse((float(x), float(y)), (0.08, 0.09)) * wall, (245, 240, 230))


def _sleeve(canvas: Canvas, wall: np.ndarray) -> None:
    _, y = grid()
    canvas.paint(wall * (np.abs(y - 0.4) < 0.36), (165, 120, 75))


KIND = Occluder(
    name="cup", rank=4, title="Cup", unit="{} of a cup that reaches over the nose",
    sizes=(0.8, 0.95, 1.12, 1.3, 1.5),
    test={
        "cup, white mug with a band": lambda: mug((238, 238, 235), _band),
        "cup, dark mug": lambda: mug((38, 42, 48), _plain),
        "cup, red mug with dots": lambda: mug((190, 42, 45), _dots),
        "cup, paper cup with a sleeve": lambda: beaker((240, 238, 232), _sleeve, (245, 245, 245)),
        "cup, green paper cup": lambda: beaker((60, 130, 95), _plain, (50, 45, 42)),
    },
)  # fmt: skip
