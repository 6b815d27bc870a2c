"""How bright, how coloured and how sharp a thing must look to belong into a photo."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.paint import SKIN
from core.data.faces.landmarks import Marks

# A sharp photo that is shrunk by this factor and enlarged again changes by about this share of its contrast; one that
# changes by half of that is taken to be twice as blurred (in pixels, as a Gaussian's deviation).
_COARSER, _LOST_BY_SHARP = 2.5, 0.04
_LEAST_BLUR, _MOST_BLUR = 0.6, 3.5
# Skin in shade is redder: exponents of its brightness for red, green and blue.
_SHADE = np.array([0.85, 1.0, 1.06], np.float32)


def brightness(square: np.ndarray) -> float:
    """How bright white things are in this photo, 0..1: about as bright as the brightest twentieth of it."""
    return float(np.clip(0.25 + 0.75 * np.percentile(square[::4, ::4].mean(axis=2), 95) / 210, 0.4, 1))


def in_skin_colour(skin: np.ndarray, square: np.ndarray, marks: Marks, masked: bool = False) -> np.ndarray:
    """Painted skin (brightness times opacity, opacity) in the colour of the face, which may be `masked` below the eyes:
    RGB times opacity, (S, S, 3)."""
    cover = skin[..., 1:2] / 255
    light = skin[..., :1] / np.maximum(cover, 1e-3) / SKIN
    return _face_colour(square, marks, masked) * np.maximum(light, 1e-3) ** _SHADE * cover


def _face_colour(square: np.ndarray, marks: Marks, masked: bool) -> np.ndarray:
    """The median colour of the cheeks and the bridge of the nose; of a masked face that of what is between and above
    the eyes, where brows and hair are darker than skin."""
    side, points = len(square), np.asarray(marks.points)
    eyes, nose, mouth = points[:2], points[2], points[3:]
    places = np.vstack([(2 * eyes + 3 * mouth) / 5, (eyes.mean(axis=0) + nose) / 2, (eyes + nose) / 2])
    if masked:
        between = eyes.mean(axis=0)
        places = np.vstack([between, between + np.outer((0.2, 0.35), between - mouth.mean(axis=0))])
    x, y = np.clip(side * places.T, 2, side - 3).astype(int)
    around = np.arange(-2, 3)
    patch = square[(y[:, None] + around)[:, :, None], (x[:, None] + around)[:, None, :]]
    return np.percentile(patch.reshape(-1, 3), 70 if masked else 50, axis=0).astype(np.float32)


def softness(square: np.ndarray) -> float:
    """How blurred the photo is, as a Gaussian's deviation in pixels; 0 for one that is about as sharp as it can be."""
    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)
    side, few = len(square), max(4, round(len(square) / _COARSER))
    small = cv2.resize(grey, (few, few), interpolation=cv2.INTER_AREA)
    lost = cv2.absdiff(grey, cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)).mean()
    sigma = min(_LOST_BY_SHARP * grey.std() / max(lost, 1e-3), _MOST_BLUR)
    return float(sigma) if sigma >= _LEAST_BLUR else 0.0
