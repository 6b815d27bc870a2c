"""The photos of a split as a torch Dataset: decoded, squeezed into the network's square, kept in memory if they fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from core.data.photos import PhotoError, decode
from core.data.preprocess import Preprocessing
from core.data.scan import Refused
from core.data.split import Row
from core.labels import Label

MEMORY_BYTES = 1 << 30


class FacePhotos(Dataset):
    """Item i is (uint8 (3, S, S), index of its label); raises PhotoError when a file has been damaged since."""

    def __init__(self, root: Path, rows: Sequence[Row], labels: Sequence[Label], preprocessing: Preprocessing) -> None:
        self.root, self.rows, self.preprocessing = root, list(rows), preprocessing
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

    def load(self, indices: Iterable[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """(uint8 (N, 3, S, S), int64 (N,)) of these items; one that was damaged since the scan is noted in `lost`."""
        items = []
        for index in indices:
            try:
                items.append(self[index])
            except PhotoError as error:
                self._note_lost(Refused(self.rows[index].file, str(error)))
        if not items:
            size = self.preprocessing.image_size
            return torch.empty(0, 3, size, size, dtype=torch.uint8), torch.empty(0, dtype=torch.long)
        return torch.stack([pixels for pixels, _ in items]), torch.tensor([target for _, target in items])

    def _note_lost(self, item: Refused) -> None:
        if item not in self.lost:
            self.lost.append(item)

    @property
    def targets(self) -> list[int]:
        """Label indices of all items, without decoding."""
        return [self._target.get(row.label, -1) for row in self.rows]
