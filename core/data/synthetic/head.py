"""The shape of a drawn head: where a point of the face lands in the picture, and how light falls on it.

`Sitter` is the head with the canvas and the colours that every part of the person is painted with.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np

from core.data.synthetic.canvas import Canvas, Points, smooth
from core.data.synthetic.person import Person, Shot

Bump: TypeAlias = tuple[float, float, float, float, float]
"""x, y, width, height and how far it stands out, in face units."""
FACE_DEPTH, SKULL_HEIGHT = 0.72, 1.45
"""Half axes of the egg the features sit on, in face units; the third is the person's half width."""
SHADOW_TINT = np.array((0.82, 1.0, 1.1), np.float32)
"""The exponent of the light on each channel of skin."""
LIGHT_WRAP = 0.35
"""How far round the head light reaches; 0 would give the hard shadows of a bare bulb."""


class Head:
    """One person's head in one picture.

    Face units: x to the picture's right, y down; the face runs from the hairline at y = -1 to the chin at y = 1,
    and `unit` is the number of pixels in one of them. (cx, cy) is the pixel of the point (0, 0).
    """

    def __init__(self, person: Person, shot: Shot, cx: float, cy: float, unit: float) -> None:
        self.person, self.shot, self.unit = person, shot, unit
        self.centre = np.array((cx, cy))
        c, s = np.cos(shot.roll), np.sin(shot.roll)
        self.turn = np.array(((c, s), (-s, c)))
        self.nose_y = 0.30 + person.nose_length
        self.mouth_y = 0.56 + person.nose_length / 2
        self.chin_y = 1.0 + person.chin

    def at(self, points: Points, lift: float | np.ndarray = 0.0, z: float | None = None) -> np.ndarray:
        """Pixels (N, 2) of the face points (N, 2), `lift` in front of the skin, or at depth `z` where given."""
        return self.centre + self.unit * self.flat(points, lift, z) @ self.turn

    def flat(self, points: Points, lift: float | np.ndarray = 0.0, z: float | None = None) -> np.ndarray:
        """The points (N, 2) as seen from the front after yaw and pitch, before roll, in face units."""
        x, y = np.asarray(points, float).T
        bowl = 1 - (x / (1.08 * self.person.half_width)) ** 2 - (y / SKULL_HEIGHT) ** 2
        depth = FACE_DEPTH * np.sqrt(np.clip(bowl, 0, 1)) + lift if z is None else np.full_like(x, z)
        yaw, pitch = self.shot.yaw, self.shot.pitch
        return np.column_stack((
            x * np.cos(yaw) + depth * np.sin(yaw),
            y * np.cos(pitch) + (depth * np.cos(yaw) - x * np.sin(yaw) - FACE_DEPTH / 2) * np.sin(pitch)))

    def bumps(self) -> list[Bump]:
        """The relief of the bare face."""
        p, nose, mouth = self.person, self.nose_y, self.mouth_y
        eye, wing = p.eye_spread, p.nose_width
        bridge, tip = (0, -0.04, 0.065, 0.19, 0.11), (0, nose - 0.08, 0.085, 0.09, 0.15)
        muzzle, forehead = (0, mouth, 0.30, 0.2, 0.07), (0, -0.72, 0.4, 0.22, 0.03)
        lips = [(0, mouth + 0.05, 0.15, 0.04, 0.025 * p.lip_fullness), (0, mouth - 0.05, 0.13, 0.03, 0.015)]
        chin = [(0, mouth + 0.15, 0.14, 0.05, -0.035), (0, self.chin_y - 0.13, 0.15, 0.1, 0.06)]
        middle = [bridge, tip, muzzle, forehead, *lips, *chin]
        brow, socket = (eye, -0.36, 0.2, 0.07, 0.04), (eye, -0.16, 0.16, 0.1, -0.06)
        nostril, cheekbone = (wing * 0.85, nose - 0.04, 0.05, 0.05, 0.05), (0.44, 0.14, 0.17, 0.15, 0.055)
        hollow = (0.5, 0.5, 0.16, 0.2, -0.03 - 0.03 * p.age)
        sides = [brow, socket, nostril, cheekbone, hollow]
        return middle + [(side * x, y, w, h, out) for x, y, w, h, out in sides for side in (-1, 1)]

    def shade(self, shape: tuple[int, int], bumps: Sequence[Bump]) -> tuple[np.ndarray, np.ndarray]:
        """Light on the head with the given relief: diffuse (about 1 where lit) and gloss (0..1).

        Both are a third of `shape` (H, W): light changes slowly over a face. Enlarge what is made of them.
        """
        height, width = shape
        ys, xs = np.mgrid[1:height:3, 1:width:3].astype(np.float32)
        offset = np.stack((xs - self.centre[0], ys - self.centre[1]), -1) / self.unit
        u, v = np.moveaxis(offset @ self.turn.T.astype(np.float32), -1, 0)
        bowl = 1 - (u / (1.12 * self.person.half_width)) ** 2 - (v / SKULL_HEIGHT) ** 2
        surface = FACE_DEPTH * np.sqrt(np.clip(bowl + 0.12, 0.01, None))
        seats = self.flat([bump[:2] for bump in bumps])
        for (bu, bv), (_, _, w, h, out) in zip(seats, bumps, strict=True):
            across = np.exp(-0.5 * ((u - bu) / w) ** 2)
            surface += np.float32(out) * across * np.exp(-0.5 * ((v - bv) / h) ** 2)
        slope_y, slope_x = np.gradient(surface, 3 / self.unit)
        length = np.sqrt(slope_x**2 + slope_y**2 + 1)
        lx, ly, lz = self.shot.light
        lit = (lz - slope_x * lx - slope_y * ly) / length
        diffuse = self.shot.ambient + (1 - self.shot.ambient) * 1.03 * np.clip(
            (lit + LIGHT_WRAP) / (1 + LIGHT_WRAP), 0, 1)
        halfway = np.array((lx, ly, lz + 1)) / np.linalg.norm((lx, ly, lz + 1))
        shine = np.clip((halfway[2] - slope_x * halfway[0] - slope_y * halfway[1]) / length, 0, 1) ** 24
        return diffuse.astype(np.float32), shine.astype(np.float32)

    def face_outline(self) -> np.ndarray:
        """The edge of face and skull, as face points (N, 2)."""
        p, w = self.person, self.person.half_width
        jaw, cheek = 0.74 + 0.16 * p.jaw, 0.90 + 0.05 * p.jaw
        half = [(0.5 * w, -1.17), (0.85 * w, -0.86), (0.99 * w, -0.4), (0.99 * w, 0.02), (cheek * w + 0.02, 0.34),
                (jaw * w, 0.66), ((0.42 + 0.16 * p.jaw) * w, 0.88 + p.chin * 0.7),
                ((0.2 + 0.08 * p.jaw) * w, self.chin_y)]
        return np.array([(0, -1.24), *half, (0, self.chin_y + 0.025), *((-x, y) for x, y in reversed(half))])

    def box(self) -> tuple[float, float, float, float]:
        """The face's box x0, y0, x1, y1 in pixels: forehead to chin, cheek to cheek, as face detectors draw it."""
        outline = self.face_outline()
        face = self.at(np.array([point for point in outline if point[1] > -0.9] + [(0, -0.86)]))
        return (*face.min(0), *face.max(0))


class Sitter:
    """A head, the canvas it is painted on, and what all of its parts are painted with."""

    def __init__(self, canvas: Canvas, head: Head) -> None:
        self.canvas, self.head = canvas, head
        self.person, self.shot, self.unit = head.person, head.shot, head.unit
        # Strands and freckles come from the person's own seed, or they would flicker from frame to frame.
        self.rng = np.random.default_rng(self.person.seed)
        self.skin = np.asarray(self.person.skin, np.float32)
        self.hair = np.asarray(self.person.hair, np.float32)
        self.dim = float(0.62 + 0.38 * self.shot.ambient)
        """Light on what is not shaded point by point, such as clothes."""
        self.bright_side = 1.0 if self.shot.light[0] >= 0 else -1.0

    def skin_at(self, light: float | np.ndarray) -> np.ndarray:
        """The skin's colour (..., 3) under this much light (...): redder as it gets darker, as skin does."""
        light = np.asarray(light, np.float32)
        channels = [cv2.pow(light, float(power)).reshape(light.shape) for power in SHADOW_TINT]
        return np.stack(channels, -1) * self.skin

    def spline(self, points: Points, closed: bool = True, lift: float = 0.0, z: float | None = None) -> np.ndarray:
        """A smooth curve through face points, in pixels."""
        return smooth(self.head.at(points, lift, z), closed)

    @cached_property
    def face_cover(self) -> np.ndarray:
        """Where the face is, (H, W) in 0..1."""
        return self.canvas.cover([self.spline(self.head.face_outline())])


def mirrored(half: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A curve from the left to the right, given its right half from the middle (x = 0 first) outwards."""
    return [*((-x, y) for x, y in reversed(half[1:])), *half]


def glow(colour: np.ndarray, gain: float = 1.3, lift: float = 0.06) -> np.ndarray:
    """The colour where light falls on it."""
    return np.clip(colour * gain + lift, 0, 1)
