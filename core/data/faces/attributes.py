"""What a photo is like, apart from its label: size, brightness and sharpness of the face, how far the head is turned,
and the colour of the mask. Found once, kept under cache/ by file size and time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from core.data.dataset.scan import Progress
from core.data.dataset.scan_cache import Record, Stamp
from core.data.faces import landmarks
from core.data.faces.detector import MARGIN
from core.data.faces.landmarks import Marks
from core.data.faces.mask_colour import mask_colour
from core.data.images.decode import PhotoError, decode

_VERSION = 1
# Side in pixels at which sharpness is measured: a small face that is enlarged to it is soft.
_SIDE = 112
_CROP = 1 + 2 * MARGIN


@dataclass(frozen=True)
class Traits:
    """`face`: whether a face was found. `face_size`: its shorter side in pixels. `brightness`: mean luma of the face,
    0..255. `sharpness`: variance of the Laplacian of the face's luma at 112 x 112 pixels (Pech-Pacheco et al., ICPR
    2000). `turned`: how far the tip of the nose lies beside the middle of the eyes, in distances of the eyes (0:
    straight on). `mask_colour`: as `mask_colour.mask_colour`; it means the mask only where there is one.

    Where no face is found the middle of the photo, less a crop's usual margin, stands for it, without the last two.
    """

    face: bool
    face_size: float
    brightness: float
    sharpness: float
    turned: float | None
    mask_colour: str | None


def find(root: Path, files: Sequence[str], progress: Progress | None = None) -> dict[str, Traits]:
    """The traits of each photo (paths relative to `root`) that can be decoded. `progress` counts two looks per photo:
    one for its face, one for its traits."""
    root = root.expanduser().resolve()
    total = 2 * len(files)
    faces = landmarks.find(root, files, lambda done, _: progress and progress(done, total))
    record = Record("traits", _VERSION, root)
    found: dict[str, Traits] = {}
    try:
        for done, file in enumerate(files, start=1):
            if values := record.of(file, partial(_look, face=faces[file])):
                found[file] = Traits(**values)
            if progress:
                progress(len(files) + done, total)
    finally:
        # Who ends the work by its progress goes on from there the next time.
        record.write()
    return found


def sharpness(root: Path, stamps: Mapping[str, Stamp]) -> dict[str, float | None]:
    """Traits.sharpness of the photos that were measured before, as they are now (file -> size, time and inode); None of
    one that can't be decoded."""
    record = Record("traits", _VERSION, root.expanduser().resolve())
    entries = {file: record.known(file, stamp) for file, stamp in stamps.items()}
    return {file: (entry[0] or {}).get("sharpness") for file, entry in entries.items() if entry}


def measure(rgb: np.ndarray, face: Marks | None, scale: float = 1.0) -> Traits:
    """The traits of an RGB picture, uint8 (H, W, 3), which is `scale` times smaller than the photo it was made from."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = face.box if face else _middle()
    region = rgb[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
    luma = cv2.cvtColor(np.ascontiguousarray(region), cv2.COLOR_RGB2GRAY)
    shrinks = min(luma.shape) > _SIDE
    square = cv2.resize(luma, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    points = np.array(face.points) * (width, height) if face else None
    return Traits(
        face=face is not None,
        face_size=min((x1 - x0) * width, (y1 - y0) * height) * scale,
        brightness=float(luma.mean()),
        sharpness=float(cv2.Laplacian(square, cv2.CV_64F).var()),
        turned=None if points is None else turned(points),
        mask_colour=None if points is None else mask_colour(rgb, points),
    )


def turned(points: np.ndarray) -> float:
    """Traits.turned of a face's five points (5, 2) in pixels, in the order of faces.Face."""
    return abs(turned_to(points))


def turned_to(points: np.ndarray) -> float:
    """The same with a sign: above 0 the head is turned to the person's own left, below 0 to the right."""
    right_eye, left_eye, nose = points[:3]
    across = left_eye - right_eye
    # Along the line of the eyes, so that a tilted head is not a turned one. A profile's eyes may fall together.
    distance = max(float(np.linalg.norm(across)), 1.0)
    return float((nose - (right_eye + left_eye) / 2) @ across) / distance**2


def _middle() -> tuple[float, float, float, float]:
    edge = MARGIN / _CROP
    return edge, edge, 1 - edge, 1 - edge


def _look(path: Path, face: Marks | None) -> dict[str, Any] | None:
    x0, y0, x1, y1 = face.box if face else _middle()
    # A face of fewer pixels than are looked at is decoded whole; a huge photo need not be.
    wanted = math.ceil(_SIDE / max(min(x1 - x0, y1 - y0), 0.01))
    try:
        image = decode(path, wanted_side=wanted)
        with Image.open(path) as whole:
            scale = max(whole.size) / max(image.size)
    except (PhotoError, OSError):
        return None
    return asdict(measure(np.asarray(image), face, scale))
