"""Pictures degraded as cameras and places make them: eleven kinds of disturbance with five severities each, in the
manner of ImageNet-C (Hendrycks and Dietterich, 2019).

Every size is relative to the square's side, so that a severity means the same at every image size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.data.backdrop import far_away, new_background
from core.data.faces import MARGIN
from core.data.marks import Marks

SEVERITIES = (1, 2, 3, 4, 5)
# Sizes below are in pixels of a square of this side.
_SIDE = 160
_GAMMA = 2.2
# A face crop has the face's box and a margin on each side.
_SQUARE_PER_FACE = 1 + 2 * MARGIN

Change = Callable[[np.ndarray, float, np.random.Generator, Marks | None], np.ndarray]


@dataclass(frozen=True)
class Kind:
    """A disturbance: `levels` are its five severities in the unit that `unit` names, mildest first."""

    title: str
    unit: str
    levels: tuple[float, ...]
    change: Change
    needs_face: bool = False

    def step(self, severity: int) -> str:
        """What a severity (1..5) means, in words."""
        return self.unit.format(f"{self.levels[severity - 1]:g}")


def apply(
    kind: str, square: np.ndarray, severity: int, rng: np.random.Generator, marks: Marks | None = None
) -> np.ndarray:
    """A disturbed copy of an RGB square, uint8 (S, S, 3); everything random comes from `rng`.

    `marks` say where the face is; a kind with `needs_face` can't do without.
    """
    chosen = KINDS[kind]
    return chosen.change(square, chosen.levels[severity - 1], rng, marks)


def _gaussian_blur(square: np.ndarray, sigma: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    return cv2.GaussianBlur(square, (0, 0), sigma * len(square) / _SIDE, borderType=cv2.BORDER_REPLICATE)


def _motion_blur(square: np.ndarray, length: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    reach = length * len(square) / _SIDE / 2
    side = 2 * int(np.ceil(reach)) + 1
    angle, middle = rng.uniform(0, np.pi), (side - 1) / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    kernel = np.zeros((side, side), np.uint8)
    first, last = (tuple(round(16 * value) for value in middle + sign * step) for sign in (-1, 1))
    cv2.line(kernel, first, last, 255, 1, cv2.LINE_AA, shift=4)
    return cv2.filter2D(square, -1, kernel / kernel.sum(dtype=float), borderType=cv2.BORDER_REPLICATE)


def _noise(square: np.ndarray, sigma: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # Half of the variance is shot noise, which grows with the light, half is the sensor's own.
    light = square.astype(np.float32)
    spread = np.sqrt(0.5 + 0.5 * light / 128)
    return _clip(light + sigma * spread * _grain(len(square), rng))


def _low_light(square: np.ndarray, stops: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # A camera that lacks light gives a dark picture with noise; each stop lost makes the noise a half stronger.
    dark = _expose(square, -stops).astype(np.float32)
    return _clip(dark + 2 * 1.5 ** (stops - 1) * _grain(len(square), rng))


def _over_exposure(square: np.ndarray, stops: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    return _expose(square, stops)


def _colour_cast(square: np.ndarray, strength: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    # Away from grey in a random direction, as under coloured light; the brightness stays about the same.
    hue = rng.uniform(0, 2 * np.pi) + np.array([0, 2, 4]) * np.pi / 3
    gains = np.exp(strength * np.cos(hue))
    table = np.arange(256)[:, None] * gains / gains.mean()
    return cv2.LUT(square, _clip(table)[:, None, :])


def _jpeg(square: np.ndarray, quality: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    _, data = cv2.imencode(".jpg", square[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _low_resolution(square: np.ndarray, face: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    side, few = len(square), round(face * _SQUARE_PER_FACE)
    if few >= side:
        return square.copy()
    small = cv2.resize(square, (few, few), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)


def _rotation(square: np.ndarray, degrees: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    side = len(square)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2,) * 2, degrees * rng.choice([-1, 1]), 1)
    return cv2.warpAffine(square, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _expose(square: np.ndarray, stops: float) -> np.ndarray:
    """The picture under 2^stops of its light, by a display's gamma."""
    light = (np.arange(256) / 255) ** _GAMMA * 2.0**stops
    return cv2.LUT(square, _clip(255 * np.minimum(light, 1) ** (1 / _GAMMA)))


def _grain(side: int, rng: np.random.Generator) -> np.ndarray:
    """Noise (side, side, 3) of deviation 1 in a square of 160 pixels: finer squares get the same grains, larger."""
    grain = rng.standard_normal((_SIDE, _SIDE, 3), np.float32)
    if side == _SIDE:
        return grain
    return cv2.resize(grain, (side, side), interpolation=cv2.INTER_AREA if side < _SIDE else cv2.INTER_CUBIC)


def _clip(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


KINDS = {
    "gaussian_blur": Kind("Out of focus", "blurred over {} px of 160", (1, 2, 3, 4.5, 6.5), _gaussian_blur),
    "motion_blur": Kind("Motion blur", "moved by {} px of 160", (6, 10, 16, 24, 36), _motion_blur),
    "low_resolution": Kind("Low resolution", "face of {} px", (64, 48, 32, 24, 16), _low_resolution),
    "jpeg": Kind("JPEG compression", "quality {}", (40, 25, 15, 10, 6), _jpeg),
    "noise": Kind("Noise", "deviation {} of 255", (8, 16, 28, 42, 60), _noise),
    "low_light": Kind("Low light", "{} stops darker", (1, 1.75, 2.5, 3.25, 4), _low_light),
    "over_exposure": Kind("Over-exposure", "{} stops brighter", (0.5, 1, 1.5, 2, 2.75), _over_exposure),
    "colour_cast": Kind("Coloured light", "strength {}", (0.1, 0.2, 0.3, 0.4, 0.5), _colour_cast),
    "rotation": Kind("Turned head or camera", "{}°", (10, 20, 30, 45, 60), _rotation),
    "background": Kind("Busy background", "{} of the surroundings replaced", (0.3, 0.5, 0.7, 0.85, 1), new_background,
                       needs_face=True),
    "far_away": Kind("Not cropped to the face", "photo at 1/{} of the side", (1.5, 2, 3, 4, 6), far_away),
}  # fmt: skip
