"""Food at the mouth: burgers, sandwiches, apples, doughnuts, ice cream, a slice of pizza."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.disturb.grips import fist_below, one_hand, two_thumbs
from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, cloth, ellipse, grid, shape

_MIDDLE = 0.1
# Colour and height in units, from the top down.
Layers = Sequence[tuple[Colour, float]]
_BURGER = [((205, 145, 80), 0.5), ((95, 155, 60), 0.1), ((200, 50, 40), 0.09), ((95, 55, 35), 0.22),
           ((210, 155, 95), 0.28)]  # fmt: skip
_DARK_BURGER = [((120, 75, 45), 0.46), ((240, 190, 60), 0.08), ((75, 45, 30), 0.26), ((110, 165, 70), 0.1),
                ((130, 85, 50), 0.28)]  # fmt: skip
_TOAST = [((225, 195, 145), 0.32), ((120, 175, 80), 0.1), ((235, 150, 140), 0.14), ((245, 210, 90), 0.09),
          ((220, 185, 130), 0.34)]  # fmt: skip


def layered(layers: Layers, half: float, seed: int, rounded: bool) -> Canvas:
    """A burger (`rounded`) or a sandwich, held with both hands."""
    canvas = Canvas()
    x, y = grid()
    height = sum(own for _, own in layers)
    top = _MIDDLE - 0.52 * height
    slab = [(-half, top), (half, top), (half, top + height), (-half, top + height)]
    outline = shape(_bun(half, top, height) if rounded else slab, 2)
    edge = top
    for place, (colour, own) in enumerate(layers):
        wave = 0.03 * np.sin(9 * x + 2.3 * place + seed)
        canvas.paint(outline * ((y + wave > edge) | (place == 0)), colour)
        edge += own
    canvas.alpha = outline
    canvas.shade((1 + 0.06 * cloth(seed, 0.03) + 0.03 * cloth(seed + 1, 0.12)).astype(np.float32), outline)
    canvas.shade((1.1 - 0.35 * (np.abs(x) / half) ** 2 - 0.12 * (y - top)).clip(0.4, 1.2).astype(np.float32), outline)
    if rounded:
        rng = np.random.default_rng(seed)
        for right, down in rng.uniform((-0.75 * half, top + 0.08), (0.75 * half, top + 0.34), (26, 2)).tolist():
            canvas.paint(ellipse((right, down), (0.035, 0.02)) * outline, (250, 232, 190))
    two_thumbs(canvas, half)
    return canvas


def apple(skin: Colour, cheek: Colour, seed: int) -> Canvas:
    """An apple in one hand."""
    canvas = Canvas()
    x, y = grid()
    body = shape([(0, -0.46), (0.42, -0.52), (0.7, -0.1), (0.56, 0.55), (0.2, 0.72), (0, 0.66), (-0.2, 0.72),
                  (-0.56, 0.55), (-0.7, -0.1), (-0.42, -0.52)], 3)  # fmt: skip
    share = np.clip(0.5 + 0.5 * np.sin(2 * x + 1) + 0.18 * cloth(seed, 0.1), 0, 1)[..., None]
    canvas.paint(body, np.multiply(1 - share, skin) + np.multiply(share, cheek))
    away = np.hypot(x + 0.22, y - 0.05) / 0.75
    gleam = 0.5 * np.exp(-((np.hypot(x + 0.25, y + 0.15) / 0.12) ** 2))
    canvas.shade((1.15 - 0.5 * away**2).clip(0.35, 1.2).astype(np.float32), body)
    canvas.paint(body * gleam.astype(np.float32), (250, 250, 245))
    canvas.alpha = np.maximum(canvas.alpha, body)
    one_hand(canvas, 0.62, 0.2)
    return canvas


def doughnut(icing: Colour, seed: int) -> Canvas:
    """A doughnut with icing and sprinkles; its hole shows the mouth, dark."""
    canvas = Canvas()
    x, y = grid()
    ring = ellipse((0, 0.12), (0.66, 0.62))
    away = np.hypot(x / 0.66, (y - 0.12) / 0.62)
    canvas.paint(ring, (200, 150, 90))
    canvas.paint(ring * (away < 0.88 + 0.05 * np.sin(7 * np.arctan2(y - 0.12, x) + seed)), icing)
    rng = np.random.default_rng(seed)
    for angle, far in zip(rng.uniform(0, 2 * np.pi, 40), rng.uniform(0.32, 0.55, 40), strict=True):
        spot = (float(far * np.cos(angle)), float(0.12 + far * np.sin(angle)))
        canvas.paint(ellipse(spot, (0.03, 0.018)) * ring, tuple(rng.integers(60, 255, 3).tolist()))
    canvas.paint(ellipse((0, 0.12), (0.16, 0.15)), (70, 45, 38))
    canvas.shade((1.12 - 1.8 * (away - 0.58) ** 2 - 0.12 * (y - 0.1)).clip(0.4, 1.2).astype(np.float32), ring)
    one_hand(canvas, 0.6, 0.25)
    return canvas


def ice_cream(scoops: Sequence[Colour], seed: int) -> Canvas:
    """Scoops on a cone."""
    canvas = Canvas()
    x, y = grid()
    cone = shape([(-0.5, 0.55), (0.5, 0.55), (0.12, 2.0), (-0.12, 2.0)])
    canvas.paint(cone, (205, 150, 85))
    waffle = np.maximum(np.abs(np.sin(16 * (x + 0.5 * y))), np.abs(np.sin(16 * (x - 0.5 * y)))) > 0.97
    canvas.shade(np.where(waffle, 0.75, 1.0) * (1.1 - 1.1 * np.abs(x + 0.1)), cone)
    for place, colour in enumerate(scoops):
        middle = (0.07 * (-1) ** place if len(scoops) > 1 else 0.0, 0.4 - 0.34 * place)
        ball = ellipse(middle, (0.64, 0.46))
        canvas.paint(ball, colour)
        away = np.hypot(x - middle[0] + 0.2, y - middle[1] + 0.2)
        canvas.shade((1.08 - 0.35 * away**2 + 0.05 * cloth(seed + place, 0.04)).clip(0.4, 1.2).astype(np.float32), ball)
    fist_below(canvas, 1.25)
    return canvas


def pizza(seed: int) -> Canvas:
    """A slice of pizza, its tip at the mouth."""
    canvas = Canvas()
    rng = np.random.default_rng(seed)
    slice_ = shape([(-0.62, -0.42), (0.62, -0.42), (0.72, -0.1), (0.12, 1.6), (-0.1, 1.6), (-0.7, -0.1)], 1)
    canvas.paint(slice_, (232, 185, 90))
    canvas.shade((1 + 0.1 * cloth(seed, 0.06)).astype(np.float32), slice_)
    for right, down in zip(rng.uniform(-0.45, 0.45, 9), rng.uniform(-0.1, 1.0, 9), strict=True):
        canvas.paint(ellipse((float(right), float(down)), (0.14, 0.13)) * slice_, (175, 50, 40))
    crust = shape([(-0.68, -0.5), (0.68, -0.5), (0.7, -0.26), (-0.7, -0.26)], 2)
    canvas.paint(crust, (185, 125, 65))
    one_hand(canvas, 0.6, 0.35)
    return canvas


def _bun(half: float, top: float, height: float) -> list[tuple[float, float]]:
    turn = np.linspace(np.pi, 2 * np.pi, 16)
    dome = [(half * np.cos(angle), top + 0.5 + 0.5 * np.sin(angle)) for angle in turn]
    low, bottom = top + height - 0.2, top + height
    return [*dome, (half, low), (half * 0.8, bottom), (-half * 0.8, bottom), (-half, low)]


KIND = Occluder(
    name="food", rank=9, title="Food", unit="{} of food that reaches up to the nose",
    sizes=(0.82, 0.94, 1.08, 1.24, 1.42), tilt=14.0, aside=(30, 90),
    training={
        "food, burger": lambda: layered(_BURGER, 0.85, 81, rounded=True),
        "food, sandwich": lambda: layered(_TOAST, 0.9, 82, rounded=False),
        "food, red apple": lambda: apple((190, 45, 40), (215, 120, 60), 83),
        "food, pink doughnut": lambda: doughnut((240, 150, 175), 84),
        "food, pizza": lambda: pizza(85),
    },
    test={
        "food, dark burger": lambda: layered(_DARK_BURGER, 0.9, 91, rounded=True),
        "food, green apple": lambda: apple((130, 175, 60), (185, 200, 90), 92),
        "food, ice cream": lambda: ice_cream([(245, 235, 205), (120, 75, 55)], 93),
        "food, chocolate doughnut": lambda: doughnut((85, 50, 38), 94),
    },
)  # fmt: skip
