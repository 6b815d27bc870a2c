"""Scarves wrapped over mouth and nose: knitted, striped, checked, printed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, cloth, grid

_TOP, _HALF = -0.5, 1.45
_FOLD = 0.42
# Colours of a cloth from its own coordinates (side, side): float32 (side, side, 3).
Weave = Callable[[np.ndarray, np.ndarray], np.ndarray]


def scarf(weave: Weave, seed: int, deep: float) -> Canvas:
    """A scarf in folds that sag in the middle; `deep` (0..1) is how dark the folds are."""
    canvas, rng = Canvas(), np.random.default_rng(seed)
    x, y = grid()
    shift, skew = rng.uniform(-0.2, 0.2), rng.uniform(-0.12, 0.12)
    # Over the nose's ridge the upper edge stands a little higher; folds below it sag more and more.
    edge = _TOP + 0.06 * (x / 0.7) ** 2 - 0.05 * (x / 1.2) ** 4 + 0.015 * cloth(seed, 0.12)
    down = y - edge
    sag = 0.16 * np.clip(down, 0, 1.5) * (1 - ((x + shift) / 1.5) ** 2) + skew * x + 0.03 * cloth(seed + 1, 0.25)
    fold = np.clip(down - sag, 0, None) / _FOLD
    phase = fold - np.floor(fold)
    half = _HALF + 0.55 / (1 + np.exp(-(y - 1.0) / 0.12)) + 0.02 * cloth(seed + 2, 0.15)
    body = np.clip(down / 0.02, 0, 1) * np.clip((half - np.abs(x)) / 0.03, 0, 1)
    # The pattern goes on from fold to fold with a small jump, as it does where cloth is tucked under.
    canvas.paint(body.astype(np.float32), weave(x + 0.11 * np.floor(fold), down - sag - 0.05 * np.floor(fold)))
    light = 1 - deep * (0.55 * np.exp(-phase / 0.12) + 0.3 * phase**3) + 0.05 * np.sin(np.pi * phase)
    round_face = np.sqrt(1 - np.clip(np.abs(x) / (_HALF * 1.15), 0, 1) ** 3 * 0.7)
    canvas.shade((light * round_face * (1 + 0.03 * cloth(seed + 3, 0.02))).astype(np.float32))
    return canvas


def _knit(colour: Colour, size: float) -> Weave:
    """Rows of V-shaped stitches, `size` units wide."""

    def weave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        column = np.abs((x / size) % 1 - 0.5)
        row = (y / size * 1.2 + column * 1.4) % 1
        light = 0.6 + 0.45 * np.sin(np.pi * row) * (0.55 + 0.9 * np.sin(2 * np.pi * column).clip(0))
        return _tint(light, colour)

    return weave


def _stripes(first: Colour, second: Colour, width: float) -> Weave:
    def weave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        share = np.clip(6 * np.sin(np.pi * y / width) + 0.5, 0, 1)[..., None]
        ribs = 0.92 + 0.08 * np.sin(2 * np.pi * x / 0.06)
        return (np.multiply(share, first) + np.multiply(1 - share, second)) * ribs[..., None]

    return weave


def _tartan(ground: Colour, dark: Colour, thread: Colour) -> Weave:
    def weave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        bands = np.sum([0.5 * (np.abs((axis / 0.5) % 1 - 0.5) < 0.18) for axis in (x, y)], axis=0)[..., None]
        threads = np.sum([np.abs((axis / 0.5) % 1 - 0.05) < 0.025 for axis in (x, y)], axis=0).clip(0, 1)[..., None]
        cloth_colour = np.multiply(1 - bands, ground) + np.multiply(bands, dark)
        twill = 0.95 + 0.05 * np.sin(2 * np.pi * (x + y) / 0.045)
        return (cloth_colour * (1 - 0.7 * threads) + np.multiply(0.7 * threads, thread)) * twill[..., None]

    return weave


def _dots(ground: Colour, dot: Colour) -> Weave:
    def weave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        odd = np.floor(y / 0.19) % 2
        away = np.hypot((x / 0.22 + 0.5 * odd) % 1 - 0.5, ((y / 0.19) % 1 - 0.5) * 0.86)
        share = np.clip((0.24 - away) * 14, 0, 1)[..., None]
        return np.multiply(1 - share, ground) + np.multiply(share, dot)

    return weave


def _fleece(colour: Colour, seed: int) -> Weave:
    return lambda x, y: _tint(1 + 0.06 * cloth(seed, 0.04) + 0.04 * cloth(seed + 1, 0.012), colour)


def _tint(light: np.ndarray, colour: Colour) -> np.ndarray:
    return np.clip(light[..., None] * np.asarray(colour, np.float32), 0, 255)


KIND = Occluder(
    name="scarf", rank=3, title="Scarf", unit="pulled up to {} of the way from mouth to eyes",
    sizes=(1.0,) * 5, drops=(0.28, 0.14, 0.0, -0.12, -0.24), tilt=4.0, aside=(88, 90),
    training={
        "scarf, grey knit": lambda: scarf(_knit((140, 142, 148), 0.13), 21, 0.6),
        "scarf, red and navy stripes": lambda: scarf(_stripes((150, 35, 45), (35, 40, 75), 0.24), 22, 0.7),
        "scarf, dark fleece": lambda: scarf(_fleece((58, 62, 66), 23), 23, 0.8),
    },
    test={
        "scarf, tartan": lambda: scarf(_tartan((170, 45, 40), (40, 60, 50), (225, 205, 120)), 31, 0.6),
        "scarf, dotted": lambda: scarf(_dots((40, 60, 120), (235, 235, 235)), 32, 0.7),
        "scarf, cream knit": lambda: scarf(_knit((226, 214, 190), 0.22), 33, 0.7),
        "scarf, green fleece": lambda: scarf(_fleece((95, 120, 85), 34), 34, 0.6),
    },
)  # fmt: skip
