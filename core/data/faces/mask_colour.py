"""The colour of what covers a mouth, in the few words that people use of masks."""

from __future__ import annotations

import cv2
import numpy as np

COLOURS = ("white", "light blue", "dark", "other colour")
# Points around the mouth's middle, in shares of the ways from the nose to its two corners; and between the eyes, in
# shares of the eyes' distance and of the way from mouth to eyes.
_STEPS = np.linspace(-1, 1, 9)
_MOUTH = np.stack(np.meshgrid(0.5 + 0.25 * _STEPS, 0.5 + 0.25 * _STEPS), axis=-1).reshape(-1, 2)
_BROW = np.stack(np.meshgrid(0.08 * _STEPS, 0.3 + 0.15 * _STEPS), axis=-1).reshape(-1, 2)
# Differences of colour in CIELAB; set by eye on photos of 300 masks.
_LIKE_SKIN, _GREY = 18, 10


def mask_colour(rgb: np.ndarray, points: np.ndarray) -> str | None:
    """The commonest colour around the mouth of a face, one of `COLOURS`: `rgb` uint8 (H, W, 3), `points` (5, 2) in
    pixels as in core.data.faces.detector.

    None where it can't be told: like the skin between the eyes (a bare mouth, a beige mask), or a shade between two.
    """
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    eyes = (right_eye + left_eye) / 2
    mouth = _colour(rgb, nose + _MOUTH @ np.stack([right_mouth - nose, left_mouth - nose]))
    up = eyes - (right_mouth + left_mouth) / 2
    skin = _colour(rgb, eyes + _BROW @ np.stack([left_eye - right_eye, up]))
    return None if np.linalg.norm(mouth - skin) < _LIKE_SKIN else _name(*mouth)


def _colour(rgb: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The median colour at (x, y) places (n, 2) as CIELAB (3,)."""
    last = np.array(rgb.shape[1::-1]) - 1
    x, y = np.clip(np.rint(places).astype(int), 0, last).T
    median = np.median(rgb[y, x], axis=0).astype(np.float32) / 255
    return cv2.cvtColor(median[None, None], cv2.COLOR_RGB2LAB)[0, 0]


def _name(lightness: float, red: float, yellow: float) -> str | None:
    chroma, hue = np.hypot(red, yellow), np.degrees(np.arctan2(yellow, red)) % 360
    if lightness < 28 and chroma < 15:
        return "dark"
    if chroma < _GREY:
        return "white" if lightness > 60 else "dark" if lightness < 35 else None
    if 180 <= hue <= 300 and lightness > 45:
        return "light blue"
    if 15 <= hue <= 85 and chroma < 45:
        return "white" if lightness > 80 and chroma < 15 else None
    return "other colour"
