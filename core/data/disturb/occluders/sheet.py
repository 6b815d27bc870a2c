"""Sheets of paper held before the mouth: paper, print and folds differ from design to design."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.data.disturb.grips import two_thumbs
from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, Path, cloth, grid, shape, strokes

_TOP = -0.52
_MARGIN = 0.1
Printed = Sequence[tuple[Sequence[Path], float, Colour]]
Print = Callable[[float, float, np.random.Generator], Printed]


def sheet(
    paper: Colour, half: float, height: float, prints: Print, seed: int, crease: float | None = None,
    thumbs: bool = False,
) -> Canvas:  # fmt: skip
    """A sheet `2 * half` units wide and `height` high, its upper edge over the nose; `crease` is the height of a fold,
    with `thumbs` two thumbs hold it."""
    canvas, rng = Canvas(), np.random.default_rng(seed)
    x, y = grid()
    bottom = _TOP + height
    body = shape([(-half, _TOP), (half, _TOP + 0.02), (half * 0.99, bottom), (-half * 1.01, bottom - 0.02)])
    canvas.paint(body, paper)
    for lines, width, ink in prints(half - _MARGIN, bottom - _MARGIN, rng):
        canvas.paint(strokes(lines, width) * 0.85, ink)
    canvas.alpha = body
    # Held paper bends a little; light falls off along it.
    bend = rng.uniform(-1, 1)
    canvas.shade(0.97 + 0.06 * np.sin(1.3 * x / half + 2 * bend) - 0.03 * y + 0.006 * cloth(seed, 0.015))
    if crease is not None:
        canvas.shade(np.where(y < crease, 1.0, 0.93) - 0.18 * np.exp(-(((y - crease) / 0.02) ** 2)))
    if thumbs:
        two_thumbs(canvas, half)
    return canvas


def blank(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """Nothing printed."""
    return []


def text(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """Lines of words under a heading."""
    heading = [[(-half, _TOP + 0.18), (rng.uniform(0, half), _TOP + 0.18)]]
    lines = [line for y in np.arange(_TOP + 0.36, bottom, 0.11) for line in _words(-half, half, y, rng)]
    return [(heading, 0.06, (40, 40, 45)), (lines, 0.035, (70, 70, 75))]


def ruled(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """A notebook's blue rules and red margin."""
    rules = [[(-half - 0.1, y), (half + 0.1, y)] for y in np.arange(_TOP + 0.2, bottom + 0.1, 0.14)]
    margin = [[(-half * 0.7, _TOP), (-half * 0.7, bottom + 0.1)]]
    return [(rules, 0.012, (120, 150, 205)), (margin, 0.014, (210, 90, 90))]


def columns(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """A newspaper's headline and two columns."""
    lines = [
        line for y in np.arange(_TOP + 0.42, bottom, 0.075)
        for low, high in ((-half, -0.05), (0.05, half)) for line in _words(low, high, y, rng)
    ]  # fmt: skip
    headline = _words(-half, half, _TOP + 0.2, rng)
    return [(headline, 0.11, (25, 25, 25)), (lines, 0.028, (85, 85, 85))]


def form(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """A table with a few entries."""
    rows, stops = np.arange(_TOP + 0.3, bottom, 0.2), (-half, -half / 3, half / 2, half)
    rules = [[(-half, y), (half, y)] for y in rows] + [[(stop, rows[0]), (stop, rows[-1])] for stop in stops]
    entries = [[(-half + 0.06, y + 0.1), (-half + rng.uniform(0.15, 0.4), y + 0.1)] for y in rows[:-1]]
    return [(rules, 0.014, (60, 60, 60)), (entries, 0.04, (50, 60, 120))]


def drawing(half: float, bottom: float, rng: np.random.Generator) -> Printed:
    """A smile drawn with a marker."""
    turn = np.linspace(0.15 * np.pi, 0.85 * np.pi, 24)
    smile = np.stack([0.42 * np.cos(turn), 0.3 * np.sin(turn) - 0.1], axis=1)
    return [([smile, [(-0.43, 0.04), (0.43, 0.04)]], 0.05, (190, 40, 60))]


def _words(low: float, high: float, y: float, rng: np.random.Generator) -> list[Path]:
    words: list[Path] = []
    start = low
    while start < high - 0.06:
        end = min(start + rng.uniform(0.06, 0.26), high)
        words.append([(start, y), (end, y)])
        start = end + 0.06
    return words


KIND = Occluder(
    name="sheet", rank=1, title="Sheet of paper", unit="{} of a sheet that reaches over the nose",
    sizes=(0.68, 0.82, 1.0, 1.18, 1.36), aside=(70, 90),
    training={
        "sheet, text on ivory": lambda: sheet((240, 235, 218), 0.8, 2.2, text, 1),
        "sheet, notebook": lambda: sheet((246, 246, 240), 0.95, 1.4, ruled, 2, thumbs=True),
        "sheet, light blue": lambda: sheet((200, 220, 238), 0.85, 1.7, blank, 3),
        "sheet, plain and creased": lambda: sheet((243, 240, 228), 1.0, 1.9, blank, 5, crease=0.1),
        "sheet, folded text": lambda: sheet((250, 250, 250), 1.05, 1.6, text, 4, crease=0.2),
    },
    test={
        "sheet, white": lambda: sheet((250, 250, 250), 0.85, 2.3, blank, 11, thumbs=True),
        "sheet, form": lambda: sheet((248, 248, 244), 0.9, 1.9, form, 12),
        "sheet, newspaper": lambda: sheet((222, 217, 205), 1.0, 1.5, columns, 13, crease=0.35),
        "sheet, pink with a smile": lambda: sheet((245, 205, 212), 0.8, 1.3, drawing, 14, thumbs=True),
    },
)  # fmt: skip
