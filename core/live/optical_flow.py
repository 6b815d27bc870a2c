"""Where the faces of one stream are: the detector looks at every second frame, and between two of its frames the faces
are moved along with the picture, as long as that leaves no doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from core.data.faces.detector import Face, FaceFinder

# A grid of so many points per side, over the middle of the box, is followed; the face's own five points move with it.
_GRID, _MIDDLE = 5, 0.7
# Doubtful are a face of which fewer points can be followed there and back again to within so many pixels, whose points
# look different by so many grey levels, or which moves or grows by more, in its own sides, than between two frames.
_LEAST_POINTS, _BACK, _DIFFERENT = 0.5, 1.0, 16.0
_FARTHEST, _GROWTH = 0.25, 1.1
# Where frames come more seldom, the detector takes the smaller part of the time, and a face moves too far between two.
_LONGEST = 0.15
_FLOW: dict[str, Any] = {
    "winSize": (11, 11), "maxLevel": 2, "criteria": (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03),
}  # fmt: skip


class FlowDetector:
    """Finds the faces of one stream's frames, in turn. Median flow: Kalal, Mikolajczyk & Matas, "Forward-Backward
    Error" (2010), over optical flow by Lucas & Kanade (1981)."""

    def __init__(self) -> None:
        self._grey: np.ndarray | None = None
        self._time = 0.0
        self._faces: list[Face] = []
        # How many faces the detector found before; whether it found these.
        self._before, self._detected = -1, False

    def find(self, rgb: np.ndarray, time: float, finder: FaceFinder) -> list[Face]:
        """The faces of an RGB picture, uint8 (H, W, 3), at `time` in the stream's seconds, largest first."""
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        faces = self._moved(grey, time)
        self._detected = faces is None
        if faces is None:
            self._before, faces = len(self._faces), finder.find(rgb)
        self._grey, self._time, self._faces = grey, time, faces
        return faces

    def _moved(self, grey: np.ndarray, time: float) -> list[Face] | None:
        """The faces of the frame before, moved; None in doubt. Newcomers are found by the detector alone, so that it
        has every frame as long as nobody is there, or somebody has just come or gone."""
        known = self._faces
        if not (self._detected and known and len(known) == self._before and 0 < time - self._time <= _LONGEST):
            return None
        if self._grey is None or self._grey.shape != grey.shape:
            return None
        points = np.stack([_grid(face) for face in known])
        there, back, different = _flow(self._grey, grey, points)
        moved = [_move(*own, grey.shape) for own in zip(known, points, there, back, different, strict=True)]
        faces = [face for face in moved if face is not None]
        return faces if len(faces) == len(known) else None


def _grid(face: Face) -> np.ndarray:
    """Points on a face, float32 (n, 2)."""
    x0, y0, x1, y1 = face.box
    share = np.linspace((1 - _MIDDLE) / 2, (1 + _MIDDLE) / 2, _GRID)
    across, down = np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    return np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32)


def _flow(before: np.ndarray, now: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where points (faces, n, 2) went; how many pixels off they are when followed back (infinite for those that are
    lost), and how different their surroundings look, in grey levels: (faces, n) each."""
    flat = points.reshape(-1, 1, 2)
    # OpenCV takes None for the points to fill in; its stubs do not know.
    there, kept, different = cv2.calcOpticalFlowPyrLK(before, now, flat, None, **_FLOW)  # type: ignore[call-overload]
    again, returned, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None, **_FLOW)  # type: ignore[call-overload]
    back = np.linalg.norm(again - flat, axis=-1)
    back[(kept == 0) | (returned == 0)] = np.inf
    shape = points.shape[:2]
    return there.reshape(points.shape), back.reshape(shape), different.reshape(shape)


def _move(
    face: Face, points: np.ndarray, there: np.ndarray, back: np.ndarray, different: np.ndarray, size: tuple[int, ...]
) -> Face | None:
    """The face where its points went; None in doubt."""
    good = back <= _BACK
    if good.mean() < _LEAST_POINTS or np.median(different[good]) > _DIFFERENT:
        return None
    start, end = points[good], there[good]
    shift, growth = np.median(end - start, axis=0), _growth(start, end)
    x0, y0, x1, y1 = face.box
    sides = np.array([x1 - x0, y1 - y0])
    if (np.abs(shift) > _FARTHEST * sides).any() or not 1 / _GROWTH <= growth <= _GROWTH:
        return None
    middle = np.array([x0 + x1, y0 + y1]) / 2
    corners = middle + shift + growth * (np.array([[x0, y0], [x1, y1]]) - middle)
    width, height = size[1], size[0]
    if (corners < 0).any() or (corners > (width, height)).any():
        return None
    box = tuple(corners.round().astype(int).ravel().tolist())
    marks = middle + shift + growth * (np.array(face.points) - middle)
    return replace(face, box=box, points=tuple((float(x), float(y)) for x, y in marks))


def _growth(start: np.ndarray, end: np.ndarray) -> float:
    """The median ratio of distances between points, of those that are not the same point."""
    one, other = np.triu_indices(len(start), 1)
    before = np.linalg.norm(start[one] - start[other], axis=1)
    after = np.linalg.norm(end[one] - end[other], axis=1)
    return float(np.median(after / before))
