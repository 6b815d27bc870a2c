"""Where the face of each photo is, with eyes, nose and mouth: found once, kept under cache/ by file size and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset.scan import Progress
from core.data.dataset.scan_cache import Record
from core.data.faces.detector import Face, FaceFinder, Points
from core.data.images.decode import PhotoError, decode

# Raised when the finder or what is kept of a face changes, so that an old record is not read as a new one.
_RECORD = 2
# YuNet looks at 640 pixels at most: a larger picture would be shrunk again.
_SIDE = 640


@dataclass(frozen=True)
class Marks:
    """A face in its photo, every coordinate in 0..1 of the photo's width (x) and height (y): `box` is (x0, y0, x1, y1),
    `points` are right eye, left eye, tip of the nose, right and left corner of the mouth (the person's right)."""

    box: tuple[float, float, float, float]
    points: Points


def find(root: Path, files: Sequence[str], progress: Progress | None = None) -> dict[str, Marks | None]:
    """The largest face of each photo (paths relative to `root`); None where none is found or the photo is damaged."""
    root = root.expanduser().resolve()
    record, finder = Record("marks", _RECORD, root), FaceFinder()
    found: dict[str, Marks | None] = {}
    try:
        for done, file in enumerate(files, start=1):
            found[file] = _marks(record.of(file, partial(_look, finder=finder)))
            if progress:
                progress(done, len(files))
    finally:
        # Who ends the work by its progress goes on from there the next time.
        record.write()
    return found


def of_face(face: Face, size: tuple[int, int]) -> Marks:
    """A face found in a picture of (width, height) pixels, in shares of it."""
    across, down = size
    x0, y0, x1, y1 = face.box
    return Marks(
        (x0 / across, y0 / down, x1 / across, y1 / down), tuple((x / across, y / down) for x, y in face.points)
    )


def _look(path: Path, finder: FaceFinder) -> dict[str, Any] | None:
    try:
        rgb = np.asarray(decode(path, wanted_side=_SIDE))
    except PhotoError:
        return None
    faces = finder.find(rgb)
    if not faces:
        return None
    marks = of_face(faces[0], (rgb.shape[1], rgb.shape[0]))
    return {"box": marks.box, "points": marks.points}


def _marks(values: dict[str, Any] | None) -> Marks | None:
    return Marks(tuple(values["box"]), tuple((x, y) for x, y in values["points"])) if values else None
