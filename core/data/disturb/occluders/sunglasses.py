"""Sunglasses over the eyes. Never used in training."""

from __future__ import annotations

import numpy as np

from core.data.disturb.occluder import Occluder
from core.data.disturb.paint import Canvas, Colour, Path, blur, grid, shape, strokes

_EYES = -1.0


def sunglasses(lens: Path, upper: Colour, lower: Colour, frame: Colour, thick: float) -> Canvas:
    """Two lenses of that outline (around the eye, the nose's side at negative x), darker above, bridge and arms."""
    canvas = Canvas()
    x, y = grid()
    fade = np.clip((y - _EYES + 0.35) / 0.75, 0, 1)[..., None]
    glass = np.multiply(1 - fade, upper) + np.multiply(fade, lower)
    gleam = 0.35 * blur((np.abs(((x + 2) % 1.0) + 0.6 * (y - _EYES) - 0.35) < 0.05).astype(np.float32), 0.03)
    rims = []
    for side in (-1, 1):
        outline = _rounded([(side * (0.52 + px), _EYES + py) for px, py in lens])
        whole = shape(outline)
        canvas.paint(whole, glass)
        canvas.paint(whole * gleam, (235, 240, 245))
        canvas.alpha = np.maximum(canvas.alpha, whole)
        rims.append([*outline, outline[0]])
    bridge = [[(-0.2, _EYES - 0.1), (0, _EYES - 0.16), (0.2, _EYES - 0.1)]]
    arms = [[(side * 0.92, _EYES - 0.15), (side * 1.2, _EYES - 0.12)] for side in (-1, 1)]
    canvas.paint(strokes(rims + bridge, thick), frame)
    canvas.paint(strokes(arms, 0.05), frame)
    return canvas


def _rounded(points: Path) -> list[tuple[float, float]]:
    corners = np.asarray(points, float)
    for _ in range(3):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.75 * corners + 0.25 * after, 0.25 * corners + 0.75 * after], axis=1).reshape(-1, 2)
    return [tuple(corner) for corner in corners]


_SQUARE = [(-0.4, -0.26), (0.42, -0.3), (0.4, 0.14), (0.15, 0.3), (-0.24, 0.28), (-0.36, 0.02)]
_DROP = [(-0.36, -0.26), (0.42, -0.26), (0.46, 0.1), (0.2, 0.42), (-0.12, 0.36), (-0.38, 0.0)]
_ROUND = [(0.4 * np.cos(angle), 0.38 * np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False)]


KIND = Occluder(
    name="sunglasses", rank=5, title="Sunglasses", unit="{} of common size",
    sizes=(0.8, 0.9, 1.0, 1.12, 1.25), opacity=(0.6, 0.75, 0.9, 1.0, 1.0), tilt=3.0, covers_mouth=False,
    test={
        "sunglasses, black": lambda: sunglasses(_SQUARE, (18, 18, 20), (34, 34, 38), (15, 15, 16), 0.09),
        "sunglasses, aviator": lambda: sunglasses(_DROP, (45, 50, 45), (110, 105, 80), (190, 160, 90), 0.035),
        "sunglasses, round": lambda: sunglasses(_ROUND, (70, 40, 30), (120, 80, 60), (45, 40, 40), 0.04),
        "sunglasses, tortoise": lambda: sunglasses(_SQUARE, (40, 30, 30), (90, 70, 60), (110, 65, 30), 0.1),
    },
)  # fmt: skip
