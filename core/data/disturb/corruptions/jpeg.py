"""A picture that was compressed too much."""

from __future__ import annotations

import cv2
import numpy as np

from core.data.disturb.corruption import Corruption
from core.data.faces.landmarks import Marks


def _compressed(square: np.ndarray, quality: float, rng: np.random.Generator, marks: Marks | None) -> np.ndarray:
    _, data = cv2.imencode(".jpg", square[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1])


KIND = Corruption(
    name="jpeg", rank=4, title="JPEG compression", unit="quality {}", levels=(40, 25, 15, 10, 6), change=_compressed,
)  # fmt: skip
