"""Paints what carries a drawn head: neck, shoulders, clothes and ears."""

import numpy as np

from core.data.synthetic.canvas import Points, ellipse, smooth
from core.data.synthetic.head import Sitter, glow

COLLAR_DEPTHS = {"crew": 1.5, "v": 1.95, "shirt": 1.72, "hood": 1.45}
"""How low the opening at the neck reaches, in face units below the middle of the face."""


def paint_body(sitter: Sitter) -> None:
    """Neck, shoulders and clothes, lit from the same side as the face."""
    unit, canvas = sitter.unit, sitter.canvas
    half = 0.6 * sitter.person.half_width + 0.06 * sitter.person.jaw
    outline = _place(sitter, [(-half, 0.4), (half, 0.4), (half, 1.1), (half + 0.14, 1.5), (0, 2.15),
                              (-half - 0.14, 1.5), (-half, 1.1)])
    neck = smooth(outline)
    canvas.fill(neck, sitter.skin_at(sitter.dim * 0.92), 1, 0.01 * unit)
    within = canvas.cover([neck])
    dark_side, under_chin = ellipse(-sitter.bright_side * half, 1.0, 0.35, 0.8), ellipse(0, 0.95, 0.62, 0.36)
    canvas.fill(_place(sitter, dark_side), sitter.skin_at(0.35), 0.4, 0.12 * unit, within)
    canvas.fill(_place(sitter, under_chin), sitter.skin_at(0.3), 0.6, 0.08 * unit, within)
    _paint_clothes(sitter, half)


def _place(sitter: Sitter, points: Points) -> np.ndarray:
    """Face points of the body in pixels: it stays upright, and under the head, while the head rolls and turns."""
    sideways = np.sin(sitter.shot.roll) * 0.35
    return (np.asarray(points, float) - (sideways, 0)) * sitter.unit + sitter.head.centre


def _paint_clothes(sitter: Sitter, neck: float) -> None:
    unit, canvas, side = sitter.unit, sitter.canvas, sitter.bright_side
    colour = np.asarray(sitter.person.clothes, np.float32)
    depth = COLLAR_DEPTHS[sitter.person.collar]
    dip = [(-neck * 0.6, depth - 0.15), (0, depth), (neck * 0.6, depth - 0.15)]
    shoulder = [(neck + 0.1, 1.26), (neck + 0.45, 1.43), (1.3, 1.62), (1.66, 1.98), (1.82, 2.7), (1.9, 6)]
    right = smooth(_place(sitter, shoulder), False)
    left = smooth(_place(sitter, [(-x, y) for x, y in reversed(shoulder)]), False)
    outline = np.vstack((right, left, _place(sitter, dip)))
    canvas.fill(outline, colour * sitter.dim, 1, 0.008 * unit)
    within = canvas.cover([outline])
    lit, dark = ellipse(side * 0.9, 1.9, 0.6, 0.4), ellipse(-side * 1.3, 2.3, 0.6, 0.9)
    canvas.fill(_place(sitter, lit), glow(colour, 1.25, 0.05), 0.45, 0.25 * unit, within)
    canvas.fill(_place(sitter, dark), colour * 0.35, 0.5, 0.25 * unit, within)
    folds = [smooth(_place(sitter, [(x, 1.6), (x * 1.1 + bend, 2.1), (x * 1.2, 2.9)]), False)
             for x, bend in zip(sitter.rng.uniform(-1.4, 1.4, 6), sitter.rng.normal(0, 0.1, 6), strict=True)]
    canvas.stroke(folds, 0.05 * unit, colour * 0.4, 0.4, 0.05 * unit, within)
    _paint_collar(sitter, neck, [(-neck - 0.1, 1.26), *dip, (neck + 0.1, 1.26)], colour)


def _paint_collar(sitter: Sitter, neck: float, rim: list[tuple[float, float]], colour: np.ndarray) -> None:
    unit, canvas = sitter.unit, sitter.canvas
    edge = smooth(_place(sitter, rim), False)
    if sitter.person.collar in ("crew", "hood"):
        thick = 0.09 if sitter.person.collar == "crew" else 0.2
        canvas.stroke([edge], thick * unit, colour * sitter.dim * 0.86, 1, 0.01 * unit)
        canvas.stroke([edge + (0, thick * unit / 2)], 0.02 * unit, colour * 0.4, 0.6, 0.01 * unit)
    elif sitter.person.collar == "shirt":
        for side in (-1, 1):
            flap = _place(sitter, [(side * (neck + 0.06), 1.2), (side * (neck + 0.22), 1.38), (side * 0.4, 1.95),
                                   (side * 0.02, COLLAR_DEPTHS["shirt"])])
            canvas.fill(flap + (0, 0.03 * unit), colour * 0.3, 0.4, 0.03 * unit)
            canvas.fill(flap, glow(colour * sitter.dim, 1.08, 0.02), 1, 0.006 * unit)
    else:
        canvas.stroke([edge], 0.05 * unit, colour * 0.7, 0.9, 0.01 * unit)


def paint_ears(sitter: Sitter) -> None:
    """Both ears, the one towards the light brighter."""
    w = sitter.person.half_width
    for side in (-1, 1):
        shell = [(w - 0.04, -0.2), (w + 0.09, -0.26), (w + 0.13, -0.12), (w + 0.09, 0.1), (w + 0.02, 0.27),
                 (w - 0.06, 0.2)]
        hollow = [(w, -0.14), (w + 0.075, -0.17), (w + 0.07, -0.02), (w + 0.02, 0.1)]
        ear, inner = (sitter.spline([(side * x, y) for x, y in half], z=-0.02) for half in (shell, hollow))
        lit = sitter.dim * (1 + 0.25 * side * sitter.shot.light[0])
        sitter.canvas.fill(ear, np.clip(sitter.skin_at(lit) * (1.0, 0.92, 0.9), 0, 1), 1, 0.006 * sitter.unit)
        sitter.canvas.fill(inner, sitter.skin * (0.5, 0.36, 0.34), 0.55, 0.02 * sitter.unit)
