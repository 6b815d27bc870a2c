"""The photos of a split as a torch Dataset: decoded, squeezed into the network's square, kept in memory if they fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from core.data.photos import PhotoError, decode
from core.data.preprocess import Preprocessing
from core.data.scan import Refused
from core.data.split import Row
from core.labels import Label

MEMORY_BYTES = 1 << 30


class Batch(NamedTuple):
    """`pixels` uint8 (N, 3, S, S), `target` int64 (N,) and the numbers of these N items in their FacePhotos."""

    pixels: torch.Tensor
    target: torch.Tensor
    items: list[int]


class FacePhotos(Dataset):
    """Item i is (uint8 (3, S, S), index of its label); raises PhotoError when a file has been damaged since."""

    def __init__(self, root: Path, rows: Sequence[Row], labels: Sequence[Label], preprocessing: Preprocessing) -> None:
        self.root, self.rows, self.labels, self.preprocessing = root, list(rows), tuple(labels), preprocessing
        self.lost: list[Refused] = []
        self._target = {label: index for index, label in enumerate(labels)}
        self._kept: dict[int, np.ndarray] = {}
        self._room = MEMORY_BYTES // (3 * preprocessing.image_size**2)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        row = self.rows[index]
        pixels = self._kept.get(index)
        if pixels is None:
            image = decode(self.root / row.file, wanted_side=self.preprocessing.image_size)
            pixels = self.preprocessing.square(image)
            if len(self._kept) < self._room:
                self._kept[index] = pixels
        return torch.from_numpy(pixels), self._target.get(row.label, -1)

    def load(self, indices: Iterable[int]) -> Batch:
        """These items in their order; one that was damaged since the scan is left out and noted in `lost`."""
        size = self.preprocessing.image_size
        pixels, targets, items = [torch.empty(0, 3, size, size, dtype=torch.uint8)], [], []
        for index in indices:
            try:
                image, target = self[index]
            except PhotoError as error:
                self._note_lost(Refused(self.rows[index].file, str(error)))
                continue
            pixels.append(image[None])
            targets.append(target)
            items.append(index)
        return Batch(torch.cat(pixels), torch.tensor(targets, dtype=torch.long), items)

    def _note_lost(self, item: Refused) -> None:
        if item not in self.lost:
            self.lost.append(item)

    @property
    def targets(self) -> list[int]:
        """Label indices of all items, without decoding."""
        return [self._target.get(row.label, -1) for row in self.rows]
