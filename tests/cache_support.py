"""What the tests of the decoded photos on disk share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data import cache
from core.data.cache import SquareCache
from core.data.dataset import FacePhotos
from core.data.photos import decode
from core.data.preprocess import Preprocessing
from core.data.split import Row
from core.labels import TWO_CLASSES, Label
from tests.support import picture

SIDE = 48
SQUARE_BYTES = 3 * SIDE**2


def twelve_photos(folder: Path) -> list[Path]:
    """Photos of their own, some of which are larger than the square and some smaller."""
    folder.mkdir()
    paths = [folder / f"{number}.{form}" for number, form in enumerate(["jpg", "png", "webp"] * 4)]
    for number, path in enumerate(paths):
        picture(number, 40 + 30 * number, 60 + 20 * number).save(path)
    return paths


def direct(files: list[Path], side: int = SIDE) -> np.ndarray:
    """What decoding each of them gives."""
    return np.stack([Preprocessing(side).pixels(decode(path, 2 * side)) for path in files])


def squares(files: list[Path], **options) -> np.ndarray:
    """What the cache gives of each of them."""
    own = SquareCache(SIDE, **options)
    return own.take(np.array(list(own.locate(files))))


def kept(suffix: str = ".squares") -> list[Path]:
    """The files of the cache."""
    return sorted(cache.folder().rglob(f"*{suffix}"))


def photos_of(files: list[Path], side: int = SIDE) -> FacePhotos:
    rows = [Row(path.name, Label.MASK, path.name, "train") for path in files]
    return FacePhotos(files[0].parent, rows, TWO_CLASSES, Preprocessing(side))
