"""Telephones held before the mouth: upright for a picture in the mirror, or flat to be spoken into."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.data.disturb.grips import one_hand, two_thumbs
from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, blur, ellipse, grid, shape, strokes

_TOP = -0.5
# The lenses' places on the back, from its upper left corner.
Lenses = Sequence[tuple[float, float]]
_ONE, _TWO, _THREE = [(0.2, 0.2)], [(0.2, 0.18), (0.2, 0.42)], [(0.18, 0.18), (0.18, 0.44), (0.44, 0.31)]


def upright(colour: Colour, half: float, height: float, lenses: Lenses, rim: Colour) -> Canvas:
    """The back of a phone that is held upright in one hand."""
    canvas = Canvas()
    _slab(canvas, colour, half, height, rim)
    _camera(canvas, lenses, (-half, _TOP))
    one_hand(canvas, half, 0.3)
    return canvas


def across(colour: Colour, half: float, height: float, lenses: Lenses, rim: Colour) -> Canvas:
    """The back of a phone that two hands hold across."""
    canvas = Canvas()
    _slab(canvas, colour, half, height, rim)
    _camera(canvas, [(y, x) for x, y in lenses], (-half, _TOP))
    two_thumbs(canvas, half)
    return canvas


def screen(half: float, height: float, shown: Callable[[Canvas, np.ndarray], None]) -> Canvas:
    """A phone that shows its screen."""
    canvas = Canvas()
    _slab(canvas, (22, 22, 24), half, height, (60, 60, 64))
    glass = _round_box(half - 0.06, _TOP + 0.08, height - 0.16, 0.06)
    shown(canvas, glass)
    one_hand(canvas, half, 0.35)
    return canvas


def chat(canvas: Canvas, glass: np.ndarray) -> None:
    """A chat, in bubbles."""
    canvas.paint(glass, (225, 232, 236))
    for place, y in enumerate(np.arange(_TOP + 0.35, 1.5, 0.28)):
        left, colour = (-0.35, (150, 215, 140)) if place % 2 else (-0.1, (252, 252, 252))
        canvas.paint(strokes([[(left, y), (left + 0.4, y)]], 0.17) * glass, colour)


def tiles(canvas: Canvas, glass: np.ndarray) -> None:
    """A home screen with coloured tiles."""
    x, y = grid()
    canvas.paint(glass, np.dstack([90 + 50 * x, 70 + 30 * y, 160 - 40 * y]))
    colours = (235, 90, 70), (80, 190, 110), (245, 200, 80), (240, 240, 245), (70, 130, 220)
    for row, down in enumerate(np.arange(-0.2, 1.4, 0.32)):
        for column, right in enumerate((-0.34, -0.11, 0.12, 0.35)):
            canvas.paint(ellipse((right, float(down)), (0.08, 0.08)) * glass, colours[(row * 3 + column) % 5])


def _slab(canvas: Canvas, colour: Colour, half: float, height: float, rim: Colour) -> None:
    canvas.paint(_round_box(half, _TOP, height, 0.16), rim)
    inside = _round_box(half - 0.035, _TOP + 0.035, height - 0.07, 0.13)
    canvas.paint(inside, colour)
    x, y = grid()
    # What is glossy mirrors a window.
    gleam = blur((np.abs(x + 0.5 * y + 0.25) < 0.16).astype(np.float32), 0.05)
    canvas.shade((0.92 + 0.25 * gleam - 0.05 * y).astype(np.float32), inside)


def _camera(canvas: Canvas, lenses: Lenses, corner: tuple[float, float]) -> None:
    spots = np.asarray(lenses, float) + corner
    for x, y in spots:
        canvas.paint(ellipse((x, y), (0.12, 0.12)), (62, 62, 66))
        canvas.paint(ellipse((x, y), (0.09, 0.09)), (14, 14, 18))
        canvas.paint(ellipse((x - 0.03, y - 0.03), (0.025, 0.025)), (120, 130, 160))


def _round_box(half: float, top: float, height: float, corner: float) -> np.ndarray:
    bottom = top + height
    turn = np.linspace(0, np.pi / 2, 8)
    right, low = half - corner, bottom - corner
    quarter = np.stack([right + corner * np.cos(turn), low + corner * np.sin(turn)], axis=1)
    middle = (top + bottom) / 2
    over = np.stack([quarter[::-1, 0], 2 * middle - quarter[::-1, 1]], axis=1)
    side = np.vstack([over, quarter])
    return shape(np.vstack([side, side[::-1] * (-1, 1)]))


KIND = Occluder(
    name="phone", rank=7, title="Phone", unit="{} of a phone that reaches over the nose",
    sizes=(0.84, 0.96, 1.08, 1.22, 1.38), tilt=14.0, aside=(20, 80),
    training={
        "phone, black": lambda: upright((32, 33, 37), 0.6, 2.1, _TWO, (70, 70, 75)),
        "phone, white": lambda: upright((232, 232, 230), 0.62, 2.2, _ONE, (190, 190, 192)),
        "phone, rose case": lambda: upright((226, 160, 165), 0.66, 2.1, _THREE, (205, 140, 148)),
        "phone, blue and across": lambda: across((55, 85, 140), 1.05, 1.2, _TWO, (45, 70, 118)),
        "phone, chat": lambda: screen(0.62, 2.1, chat),
    },
    test={
        "phone, green": lambda: upright((70, 105, 90), 0.62, 2.1, _THREE, (60, 90, 78)),
        "phone, red case": lambda: upright((185, 40, 45), 0.66, 2.2, _TWO, (165, 30, 36)),
        "phone, grey and across": lambda: across((120, 122, 128), 1.1, 1.22, _THREE, (150, 150, 155)),
        "phone, tiles": lambda: screen(0.63, 2.15, tiles),
    },
)  # fmt: skip
