"""The photos that a photo's boxes become: each face cut out as classifiers are trained on it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.data.collect import face_crop
from core.data.collect.imports.marks import Box, Marks
from core.data.collect.imports.names import Refusal
from core.data.faces import detector
from core.data.images.decode import SMALLEST_SIDE, PhotoError, decode_bytes

# A crowd has fewer faces that are large enough; each becomes a file.
_MOST = 500
# No photo that is decoded has so many pixels side by side.
_FAR = 1e9


class Cut(NamedTuple):
    """A box's face as a JPEG's bytes, or why there is none; `number` counts the photo's boxes from 1."""

    number: int
    box: Box
    data: bytes
    refusal: str = ""


def cut(data: bytes, marks: Marks, wanted: list[tuple[int, Box]]) -> list[Cut]:
    """The wanted ones (number, box) of a photo's boxes. Raises Refusal for a photo that can't be decoded, or is another
    than its boxes were drawn on."""
    if len(marks.boxes) > _MOST:
        raise Refusal(f"more than {_MOST} boxes")
    try:
        rgb = np.asarray(decode_bytes(data))
    except PhotoError as error:
        raise Refusal(str(error)) from None
    size = rgb.shape[1], rgb.shape[0]
    if marks.size and marks.size != size:
        drawn, own = (" x ".join(map(str, sides)) for sides in (marks.size, size))
        raise Refusal(f"its boxes were drawn on a photo of {drawn} pixels, and it has {own}")
    return [_cut(rgb, number, box) for number, box in wanted]


def _cut(rgb: np.ndarray, number: int, box: Box) -> Cut:
    size = rgb.shape[1], rgb.shape[0]
    across, down = size if box.relative else (1, 1)
    edges = box.x * across, box.y * down, (box.x + box.width) * across, (box.y + box.height) * down
    if not all(math.isfinite(edge) and abs(edge) < _FAR for edge in edges) or min(box.width, box.height) <= 0:
        return Cut(number, box, b"", "no area in any photo")
    whole = [round(edge) for edge in edges]
    x0, y0, x1, y1 = detector.widen(whole, size)
    if min(x1 - x0, y1 - y0) < SMALLEST_SIDE:
        where = f"{max(0, x1 - x0)} x {max(0, y1 - y0)} pixels of it are in the photo"
        return Cut(number, box, b"", f"too small ({where}; both sides must have {SMALLEST_SIDE})")
    return Cut(number, box, face_crop.jpeg(rgb, whole))
