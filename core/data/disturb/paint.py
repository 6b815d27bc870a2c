"""Painting things that are held before a face, in the face's own frame: the mouth's middle is (0, 0), one unit is the
way from the mouth up to the eyes, so the eyes are near (-0.5, -1) and (0.5, -1) and the chin near (0, 0.75).

A thing is painted once, on a canvas from (-2, -1.2) to (2, 2.8), and then placed on any number of faces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

LEFT, TOP, ACROSS = -2.0, -1.2, 4.0
# Pixels of the finished texture's side; it is painted twice as large.
SIDE = 256
_PAINTED = 2 * SIDE
_PER_UNIT = _PAINTED / ACROSS
# Skin is painted as brightness, this being the face's own; its colour is the face's where it is placed.
SKIN = 160.0
_AMBIENT, _DIRECT = 0.74, 0.4
_LIGHT = np.array([-0.35, -0.6, 0.72]) / np.linalg.norm([-0.35, -0.6, 0.72])

Path = Sequence[tuple[float, float]] | np.ndarray
Colour = tuple[float, float, float]


def grid() -> tuple[np.ndarray, np.ndarray]:
    """x and y of every pixel of the canvas in units, float32 (side, side)."""
    steps = (np.arange(_PAINTED, dtype=np.float32) + 0.5) / _PER_UNIT
    return np.meshgrid(steps + np.float32(LEFT), steps + np.float32(TOP))


@dataclass
class Canvas:
    """A thing (RGB 0..255 and its opacity 0..1) and, before it, skin (brightness and opacity)."""

    rgb: np.ndarray = field(default_factory=lambda: np.zeros((_PAINTED, _PAINTED, 3), np.float32))
    alpha: np.ndarray = field(default_factory=lambda: np.zeros((_PAINTED, _PAINTED), np.float32))
    tone: np.ndarray = field(default_factory=lambda: np.zeros((_PAINTED, _PAINTED), np.float32))
    skin: np.ndarray = field(default_factory=lambda: np.zeros((_PAINTED, _PAINTED), np.float32))

    def paint(self, mask: np.ndarray, colour: Colour | np.ndarray) -> None:
        """Lay a colour, or a picture (side, side, 3), over what is there, where the mask (0..1) says so."""
        share = mask[..., None]
        self.rgb = self.rgb * (1 - share) + np.asarray(colour, np.float32) * share
        self.alpha = np.maximum(self.alpha, mask)

    def shade(self, light: np.ndarray, mask: np.ndarray | float = 1.0) -> None:
        """Multiply the thing's brightness by `light` (side, side) within the mask."""
        self.rgb *= (1 + (light - 1) * mask)[..., None]

    def limb(self, start: tuple[float, float], end: tuple[float, float], widths: tuple[float, float]) -> None:
        """A finger or an arm: a round body from start to end with these radii, over all that is there."""
        x, y = grid()
        along = np.subtract(end, start).astype(np.float32)
        place = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(float(along @ along), 1e-6)
        place = np.clip(place, 0, 1)
        away = np.stack([x - start[0] - place * along[0], y - start[1] - place * along[1]])
        radius = widths[0] + place * (widths[1] - widths[0])
        out = np.hypot(*away) / radius
        normal = np.concatenate([away / radius, np.sqrt(np.maximum(1 - out**2, 0))[None]])
        light = _AMBIENT + _DIRECT * np.tensordot(_LIGHT.astype(np.float32), normal, axes=1)
        self._lay_skin(np.clip((1 - out) * radius * _PER_UNIT + 0.5, 0, 1), light * (1 - 0.35 * _ramp(out, 0.75, 1)))

    def flesh(self, mask: np.ndarray) -> None:
        """A palm or the back of a hand: rounded where the mask ends."""
        depth = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / _PER_UNIT
        height = blur(np.sqrt(np.minimum(depth / 0.35, 1)), 0.05)
        slope = np.stack([-np.gradient(height, axis=1), -np.gradient(height, axis=0)]) * 0.35 * _PER_UNIT
        length = np.sqrt(1 + (slope**2).sum(axis=0))
        light = _AMBIENT + _DIRECT * (_LIGHT[0] * slope[0] + _LIGHT[1] * slope[1] + _LIGHT[2]) / length
        self._lay_skin(mask, light.astype(np.float32))

    def nail(self, start: tuple[float, float], tip: tuple[float, float], width: float) -> None:
        """The nail of a finger or thumb of that half width."""
        along = width * np.subtract(tip, start) / np.linalg.norm(np.subtract(tip, start))
        for length, broad, light in ((0.3, 1.2, 0.88), (0.25, 0.95, 1.3)):
            line = [tuple(tip - length * along), tuple(tip + length * along)]
            self.shade_skin(light, strokes([line], broad * width))

    def shade_skin(self, light: float, mask: np.ndarray) -> None:
        """Multiply the skin's brightness within the mask: creases, nails."""
        self.tone *= 1 + (light - 1) * mask

    def _lay_skin(self, mask: np.ndarray, light: np.ndarray) -> None:
        # What lies below is a little darker along the edge: fingers lie on one another.
        shadow = 0.45 * blur(mask, 0.07)
        self.tone *= 1 - shadow * (1 - mask)
        self.rgb *= (1 - shadow * (1 - mask))[..., None]
        self.tone = self.tone * (1 - mask) + SKIN * light * mask
        self.skin = np.maximum(self.skin, mask)


def shape(points: Path, round_off: int = 0) -> np.ndarray:
    """The mask (side, side) in 0..1 of a polygon in units, its corners cut `round_off` times (Chaikin)."""
    corners = np.asarray(points, float)
    for _ in range(round_off):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.75 * corners + 0.25 * after, 0.25 * corners + 0.75 * after], axis=1).reshape(-1, 2)
    return _drawn(lambda mask: cv2.fillPoly(mask, [_fixed(corners)], 255, cv2.LINE_AA, shift=4))


def strokes(lines: Sequence[Path], width: float) -> np.ndarray:
    """The mask of lines of that width in units."""
    thick = max(1, round(width * _PER_UNIT))
    paths = [_fixed(np.asarray(line, float)) for line in lines]
    return _drawn(lambda mask: cv2.polylines(mask, paths, False, 255, thick, cv2.LINE_AA, shift=4))


def ellipse(middle: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    """The mask of an upright ellipse in units."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    return shape(np.stack([middle[0] + radii[0] * np.cos(turn), middle[1] + radii[1] * np.sin(turn)], axis=1))


def blur(mask: np.ndarray, sigma: float) -> np.ndarray:
    """A mask or picture blurred by so many units."""
    return cv2.GaussianBlur(mask, (0, 0), sigma * _PER_UNIT)


def cloth(seed: int, sigma: float) -> np.ndarray:
    """Smooth noise (side, side) of deviation 1, `sigma` units wide: fibres, wrinkles."""
    noise = np.random.default_rng(seed).standard_normal((_PAINTED, _PAINTED), np.float32)
    soft = blur(noise, sigma)
    return soft / soft.std()


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def _drawn(draw: Callable[[np.ndarray], object]) -> np.ndarray:
    mask = np.zeros((_PAINTED, _PAINTED), np.uint8)
    draw(mask)
    return mask.astype(np.float32) / 255


def _fixed(points: np.ndarray) -> np.ndarray:
    """Units to pixels with four binary places, as OpenCV's `shift=4` takes them."""
    return np.rint(((points - (LEFT, TOP)) * _PER_UNIT - 0.5) * 16).astype(np.int32)
