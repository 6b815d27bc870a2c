"""Labelled photos as resized inputs, which are decoded once and cached, and a predictor's answers on them. Needs no
torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from core.data.cache.resized_images import SquareCache
from core.data.dataset.scan import Refused
from core.data.dataset.split import Row
from core.data.images.decode import PhotoError
from core.inference.predictor import Predictor

_BATCH = 64


def classify(
    predictor: Predictor, root: Path, rows: Sequence[Row], progress: Callable[[int, int], object] | None = None
) -> tuple[list[Row], np.ndarray, list[Refused]]:
    """(usable rows, calibrated probabilities (n, classes), files that could not be decoded), of whole photos."""
    used: list[Row] = []
    refused: list[Refused] = []
    parts = [np.zeros((0, len(predictor.labels)))]
    done = 0
    for good, squares, bad in batches(root, rows, predictor.image_size):
        used += good
        refused += bad
        if good:
            parts.append(predictor.of_squares(squares))
        done += len(good) + len(bad)
        if progress:
            progress(done, len(rows))
    return used, np.concatenate(parts), refused


def batches(
    root: Path, rows: Sequence[Row], side: int
) -> Iterator[tuple[list[Row], np.ndarray, list[Refused]]]:
    """Photos in order, a batch at a time: (rows, their resized inputs as uint8 (n, side, side, 3), files that could not
    be decoded)."""
    cache = SquareCache(side)
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        used: list[Row] = []
        squares: list[np.ndarray] = []
        refused: list[Refused] = []
        for row, where in zip(batch, cache.locate([root / row.file for row in batch]), strict=True):
            if isinstance(where, PhotoError):
                refused.append(Refused(row.file, str(where)))
                continue
            used.append(row)
            squares.append(where if isinstance(where, np.ndarray) else cache.take(np.array([where]))[0])
        yield used, np.stack(squares) if squares else np.zeros((0, side, side, 3), np.uint8), refused
