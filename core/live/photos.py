"""A predictor's answers on labelled photos, whose squares are decoded once and kept. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.data.cache import SquareCache
from core.data.photos import PhotoError
from core.data.scan import Refused
from core.data.split import Row
from core.live.predictor import Predictor

_BATCH = 64


def classify(
    predictor: Predictor, root: Path, rows: Sequence[Row], progress: Callable[[int, int], None] | None = None
) -> tuple[list[Row], np.ndarray, list[Refused]]:
    """(usable rows, calibrated probabilities (n, classes), files that could not be decoded), of whole photos."""
    squares = SquareCache(predictor.image_size)
    used: list[Row] = []
    refused: list[Refused] = []
    parts = [np.zeros((0, len(predictor.labels)))]
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        found: list[np.ndarray] = []
        for row, where in zip(batch, squares.locate([root / row.file for row in batch]), strict=True):
            if isinstance(where, PhotoError):
                refused.append(Refused(row.file, str(where)))
                continue
            used.append(row)
            found.append(where if isinstance(where, np.ndarray) else squares.take(np.array([where]))[0])
        if found:
            parts.append(predictor.of_squares(np.stack(found)))
        if progress:
            progress(min(start + _BATCH, len(rows)), len(rows))
    return used, np.concatenate(parts), refused
