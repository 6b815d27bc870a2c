"""Photos of noise, to time a training on without any photos at hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import Batch, FacePhotos
from core.data.faces.landmarks import Marks
from core.data.images.preprocessing import Preprocessing
from core.schema.labels import Label

# A face in the middle of the picture.
_FACE = Marks((0.2, 0.1, 0.8, 0.9), ((0.4, 0.4), (0.6, 0.4), (0.5, 0.55), (0.4, 0.7), (0.6, 0.7)))


class NoisePhotos(FacePhotos):
    """`count` photos with labels in turn, in memory."""

    def __init__(self, count: int, classes: int, image_size: int) -> None:
        labels = tuple(Label)[:classes]
        rows = [Row(str(number), labels[number % classes], str(number), "train") for number in range(count)]
        super().__init__(Path("-"), rows, labels, Preprocessing(image_size))
        generator = torch.Generator().manual_seed(0)
        self._pixels = torch.randint(
            0, 256, (count, image_size, image_size, 3), dtype=torch.uint8, generator=generator
        ).permute(0, 3, 1, 2)
        self.marks = {row.file: _FACE for row in rows}

    def load(self, indices: Iterable[int]) -> Batch:
        """These items in their order."""
        items = list(indices)
        return Batch(self._pixels[items], torch.tensor(self.targets)[items], items)
