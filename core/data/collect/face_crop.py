"""A face cut out of a picture, as the file that is kept of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from core.data.faces import detector

_QUALITY = 95


def jpeg(rgb: np.ndarray, box: Sequence[int]) -> bytes:
    """The face in a box (x0, y0, x1, y1 in pixels) of an RGB picture, uint8 (H, W, 3), cut out as `detector.crop` does
    for training and Live: a JPEG, the same bytes each time."""
    out = io.BytesIO()
    detector.crop(rgb, box).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
