"""Books that are read or held up before the mouth: we see the cover, or both covers of an open one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data.disturb.grips import one_hand, two_thumbs
from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, blur, cloth, ellipse, grid, shape, strokes

_TOP = -0.52
# Paints a cover's picture within the book's mask, for a cover of that half width and lower edge.
Cover = Callable[[Canvas, np.ndarray, float, float], None]


def closed(colour: Colour, half: float, height: float, cover: Cover, seed: int) -> Canvas:
    """A closed book from its front, its spine on the left, held in one hand."""
    canvas = Canvas()
    body = _body(canvas, colour, half, height)
    cover(canvas, body, half, _TOP + height)
    x, _ = grid()
    canvas.shade(1 - 0.3 * np.exp(-(((x + half * 0.86) / 0.025) ** 2)), body)
    pages = shape([(half - 0.03, _TOP + 0.04), (half + 0.07, _TOP + 0.07), (half + 0.07, _TOP + height - 0.01),
                   (half - 0.03, _TOP + height - 0.04)])  # fmt: skip
    canvas.paint(pages * (1 - body), (225, 218, 200))
    _light(canvas, seed)
    one_hand(canvas, half + 0.05, 0.35)
    return canvas


def opened(colour: Colour, half: float, height: float, cover: Cover, seed: int) -> Canvas:
    """An open book from behind: two covers with the spine between them, a thumb on each."""
    canvas = Canvas()
    body = _body(canvas, colour, half, height)
    cover(canvas, body, half, _TOP + height)
    x, _ = grid()
    spine = 0.1
    canvas.shade(1 - 0.35 * np.exp(-(((np.abs(x) - spine) / 0.03) ** 2)), body)
    # The covers fall back to both sides.
    canvas.shade(1.05 - 0.25 * np.abs(x) / half, body)
    _light(canvas, seed)
    two_thumbs(canvas, half)
    return canvas


def plain(canvas: Canvas, body: np.ndarray, half: float, bottom: float) -> None:
    """Bound in cloth, without a picture."""


def title(canvas: Canvas, body: np.ndarray, half: float, bottom: float) -> None:
    """A title in two lines and the author's name."""
    lines = [
        [(-half * 0.6, _TOP + 0.3), (half * 0.7, _TOP + 0.3)],
        [(-half * 0.6, _TOP + 0.52), (half * 0.3, _TOP + 0.52)],
    ]
    canvas.paint(strokes(lines, 0.13) * body, (238, 230, 205))
    canvas.paint(strokes([[(-half * 0.4, bottom - 0.25), (half * 0.5, bottom - 0.25)]], 0.06) * body, (238, 230, 205))


def picture(canvas: Canvas, body: np.ndarray, half: float, bottom: float) -> None:
    """A landscape under a band with the title."""
    x, y = grid()
    sky = np.clip((y - _TOP) / 1.4, 0, 1)[..., None]
    land = np.multiply(1 - sky, (250, 190, 120)) + np.multiply(sky, (90, 60, 110))
    inside = body * (np.abs(x) < half * 0.84) * (y > _TOP + 0.42) * (y < bottom - 0.15)
    canvas.paint(inside, land)
    canvas.paint(inside * (y > 0.62 + 0.14 * np.sin(3 * x + 1)), (35, 60, 50))
    canvas.paint(ellipse((0.25 * half, 0.2), (0.2, 0.2)) * inside, (255, 240, 200))
    canvas.paint(strokes([[(-half * 0.7, _TOP + 0.22), (half * 0.7, _TOP + 0.22)]], 0.14) * body, (250, 250, 245))


def bands(canvas: Canvas, body: np.ndarray, half: float, bottom: float) -> None:
    """Bands of colour, as of a text book."""
    _, y = grid()
    canvas.paint(body * ((y > 0.1) & (y < 0.7)), (245, 200, 60))
    canvas.paint(body * ((y > 0.74) & (y < 0.8)), (250, 250, 250))
    canvas.paint(strokes([[(-half * 0.6, 0.4), (half * 0.4, 0.4)]], 0.14) * body, (40, 40, 50))


def disc(canvas: Canvas, body: np.ndarray, half: float, bottom: float) -> None:
    """A large disc, with the title below it."""
    canvas.paint(ellipse((0, 0.2), (half * 0.62, half * 0.62)) * body, (215, 80, 55))
    canvas.paint(ellipse((0.1, 0.1), (half * 0.3, half * 0.3)) * body, (245, 225, 190))
    canvas.paint(strokes([[(-half * 0.55, bottom - 0.3), (half * 0.55, bottom - 0.3)]], 0.1) * body, (30, 30, 35))


def _body(canvas: Canvas, colour: Colour, half: float, height: float) -> np.ndarray:
    body = shape([(-half, _TOP), (half, _TOP + 0.015), (half, _TOP + height), (-half, _TOP + height - 0.015)])
    canvas.paint(body, colour)
    return body


def _light(canvas: Canvas, seed: int) -> None:
    """Cloth or card, with a soft gleam that differs from book to book."""
    x, y = grid()
    rng = np.random.default_rng(seed)
    across = np.cos(rng.uniform(0, np.pi)) * x + y * 0.6 - rng.uniform(-0.4, 0.8)
    gleam = blur((np.abs(across) < 0.18).astype(np.float32), 0.2)
    canvas.shade((0.95 + 0.12 * gleam + 0.012 * cloth(seed, 0.015) - 0.04 * y).astype(np.float32))


KIND = Occluder(
    name="book", rank=6, title="Book", unit="{} of a book that reaches over the nose",
    sizes=(0.7, 0.84, 1.0, 1.16, 1.32), aside=(55, 90),
    training={
        "book, red with a title": lambda: closed((150, 40, 45), 0.85, 2.0, title, 41),
        "book, landscape": lambda: closed((235, 232, 225), 0.8, 1.8, picture, 42),
        "book, open and blue": lambda: opened((50, 75, 125), 1.25, 1.6, plain, 43),
        "book, open with bands": lambda: opened((60, 130, 140), 1.1, 1.5, bands, 44),
        "book, black": lambda: closed((35, 35, 38), 0.9, 1.6, plain, 45),
    },
    test={
        "book, white with a disc": lambda: closed((238, 236, 230), 0.88, 1.9, disc, 51),
        "book, open and green": lambda: opened((55, 95, 70), 1.15, 1.55, title, 52),
        "book, yellow": lambda: closed((230, 190, 70), 0.82, 1.7, disc, 53),
        "book, open with a landscape": lambda: opened((90, 60, 50), 1.2, 1.5, picture, 54),
    },
)  # fmt: skip
