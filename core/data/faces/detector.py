"""Find faces in a picture with YuNet, and cut out the one widened box that every classification uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from core.data.faces import yunet

MARGIN = 0.2
# YuNet was trained near 640 x 480 and finds faces of about 10 to 300 pixels; a face that fills the picture is found
# only once the picture is small (measured: 77 % of masked face crops at 640 pixels, 96 % at 320).
_LONGEST, _CLOSE_UP = 640, 320
# On a strip of fewer pixels than a face needs, YuNet answers with infinite boxes.
_LEAST = 10
# A strip of at most 32 pixels is one row of YuNet's coarsest grid, and OpenCV then answers from memory that it never
# wrote: other faces each time, of score 1, beside the picture or far from their points. Black beside the strip helps.
_ROWS = 64
# Such answers are refused wherever they come from. The least share of the box in the picture, the farthest that a point
# may be outside the box in sides of it, and how many points may be beside the picture: with room to spare for real
# faces, also those that the edge cuts off.
_INSIDE, _ASTRAY, _POINTS_BESIDE = 0.6, 0.5, 2

Box = tuple[int, int, int, int]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Face:
    """Where a face is: (x0, y0, x1, y1) in pixels, inside the picture, x1 and y1 excluded; score in 0..1. `points` are
    five (x, y) in pixels: right eye, left eye, tip of the nose, right and left corner of the mouth (of the person)."""

    box: Box
    score: float
    points: Points


class FaceFinder:
    """YuNet on the CPU. Not thread-safe: make one for each thread or stream (after the first, a few milliseconds).
    Raises UserError where the network's file is missing."""

    def __init__(self) -> None:
        self._detector = yunet.detector()

    def find(self, rgb: np.ndarray) -> list[Face]:
        """The faces of an RGB picture, uint8 (H, W, 3), largest first.

        A picture in which none is found is searched once more, smaller, for a face that fills it.
        """
        longest = max(rgb.shape[:2])
        side = min(max(longest, _CLOSE_UP), _LONGEST)
        faces = self._detect(rgb, side / longest)
        if not faces and side > _CLOSE_UP:
            faces = self._detect(rgb, _CLOSE_UP / longest)
        return sorted(faces, key=lambda face: -_area(face.box))

    def _detect(self, rgb: np.ndarray, scale: float) -> list[Face]:
        height, width = rgb.shape[:2]
        size = round(width * scale), round(height * scale)
        if min(size) < _LEAST:
            return []
        if size != (width, height):
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        across, down = (max(0, _ROWS - side) if side <= _ROWS // 2 else 0 for side in size)
        rgb = cv2.copyMakeBorder(rgb, 0, down, 0, across, cv2.BORDER_CONSTANT)
        found = self._detector.rows(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        faces = (_face(row[:14] / scale, float(row[14]), (width, height)) for row in found if plausible(row, size))
        return [face for face in faces if _area(face.box) > 0]


def plausible(row: np.ndarray, size: tuple[int, int]) -> bool:
    """Whether YuNet's answer (x, y, width, height, then x and y of five points), in pixels of a picture of `size`
    (width, height), can be a face: most of its box is in the picture, its points in or near the box and the picture."""
    x, y, width, height = row[:4].astype(float)
    if min(width, height) < 1:
        return False
    across = min(x + width, size[0]) - max(x, 0)
    down = min(y + height, size[1]) - max(y, 0)
    points = row[4:14].astype(float).reshape(5, 2)
    off = np.abs((points - (x, y)) / (width, height) - 0.5).max() - 0.5
    beside = ((points < 0) | (points > size)).any(axis=1).sum()
    inside = max(across, 0) * max(down, 0) / (width * height)
    return bool(inside >= _INSIDE and off <= _ASTRAY and beside <= _POINTS_BESIDE)


def widen(box: Sequence[int], size: tuple[int, int], margin: float = MARGIN) -> Box:
    """The box with `margin` of its width and height added on each side, clipped to a picture of (width, height)."""
    x0, y0, x1, y1 = box
    across, down = (x1 - x0) * margin, (y1 - y0) * margin
    return _clip((x0 - across, y0 - down, x1 + across, y1 + down), size)


def crop(rgb: np.ndarray, box: Sequence[int]) -> Image.Image:
    """The face as classifiers are trained on it: the widened box cut out of an RGB picture, uint8 (H, W, 3)."""
    x0, y0, x1, y1 = widen(box, (rgb.shape[1], rgb.shape[0]))
    return Image.fromarray(np.ascontiguousarray(rgb[y0:y1, x0:x1]))


def _face(place: np.ndarray, score: float, size: tuple[int, int]) -> Face:
    x, y, width, height, *points = (float(value) for value in place)
    pairs = tuple(zip(points[::2], points[1::2], strict=True))
    return Face(_clip((x, y, x + width, y + height), size), score, pairs)


def _clip(box: tuple[float, float, float, float], size: tuple[int, int]) -> Box:
    width, height = size
    x0, y0, x1, y1 = (round(edge) for edge in box)
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])
