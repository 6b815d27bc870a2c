"""The photos of a split as a torch Dataset: resized inputs of the network, each decoded once for all runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from core.data.cache.resized_images import SquareCache
from core.data.dataset.scan import Progress, Refused
from core.data.dataset.split import Row
from core.data.images.decode import PhotoError
from core.data.images.preprocessing import Preprocessing
from core.schema.labels import Label

_UNKNOWN = -1


class Batch(NamedTuple):
    """`pixels` uint8 (N, 3, S, S), channels last in memory, `target` int64 (N,) and the numbers of these N items in
    their FacePhotos."""

    pixels: torch.Tensor
    target: torch.Tensor
    items: list[int]


class FacePhotos(Dataset[tuple[torch.Tensor, int]]):
    """Item i is (uint8 (3, S, S), index of its label); raises PhotoError when a file has been damaged since."""

    def __init__(self, root: Path, rows: Sequence[Row], labels: Sequence[Label], preprocessing: Preprocessing) -> None:
        self.root, self.rows, self.labels, self.preprocessing = root, list(rows), tuple(labels), preprocessing
        self.lost: list[Refused] = []
        target = {label: index for index, label in enumerate(labels)}
        self._targets = torch.tensor([target.get(row.label, -1) for row in self.rows], dtype=torch.long)
        self._squares = SquareCache(preprocessing.image_size)
        self._where = np.full(len(self.rows), _UNKNOWN, np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        if self._where[index] == _UNKNOWN:
            _, found = next(self._locate([index]))
            if isinstance(found, PhotoError):
                raise found
            if isinstance(found, np.ndarray):
                return torch.tensor(found).permute(2, 0, 1), int(self._targets[index])
        square = self._squares.take(self._where[[index]])[0]
        return torch.from_numpy(square).permute(2, 0, 1), int(self._targets[index])

    def fill(self, progress: Progress | None = None) -> None:
        """Decode every photo that isn't yet, as far as there is room to keep them; the damaged are noted in `lost`.

        `progress(done, total)` is called after each photo, and may raise to end it.
        """
        unknown = np.flatnonzero(self._where == _UNKNOWN).tolist()
        for done, (index, found) in enumerate(self._locate(unknown), start=len(self) - len(unknown) + 1):
            if isinstance(found, PhotoError):
                self._note_lost(index, found)
            elif isinstance(found, np.ndarray):
                return
            if progress:
                progress(done, len(self))

    def load(self, indices: Iterable[int]) -> Batch:
        """These items in their order; one that was damaged since the scan is left out and noted in `lost`."""
        items = np.fromiter(indices, np.int64)
        unknown = items[self._where[items] == _UNKNOWN].tolist()
        if not unknown:
            return self._batch(items, self._squares.take(self._where[items]))
        loose = {}
        for index, found in self._locate(unknown):
            if isinstance(found, PhotoError):
                self._note_lost(index, found)
            elif isinstance(found, np.ndarray):
                loose[index] = found
        items = items[(self._where[items] != _UNKNOWN) | np.isin(items, list(loose))]
        kept = self._where[items] != _UNKNOWN
        size = self.preprocessing.image_size
        squares = np.empty((len(items), size, size, 3), np.uint8)
        squares[kept] = self._squares.take(self._where[items[kept]])
        for at in np.flatnonzero(~kept):
            squares[at] = loose[items[at]]
        return self._batch(items, squares)

    @property
    def targets(self) -> list[int]:
        """Label indices of all items, without decoding."""
        return self._targets.tolist()

    def _batch(self, items: np.ndarray, squares: np.ndarray) -> Batch:
        return Batch(torch.from_numpy(squares).permute(0, 3, 1, 2), self._targets[items], items.tolist())

    def _locate(self, items: Sequence[int]) -> Iterator[tuple[int, int | np.ndarray | PhotoError]]:
        """Each of these items with where its resized input is, the resized input where it isn't kept, or why there is
        none."""
        files = [self.root / self.rows[index].file for index in items]
        for index, found in zip(items, self._squares.locate(files), strict=True):
            if isinstance(found, int):
                self._where[index] = found
            yield index, found

    def _note_lost(self, index: int, error: PhotoError) -> None:
        item = Refused(self.rows[index].file, str(error))
        if item not in self.lost:
            self.lost.append(item)
