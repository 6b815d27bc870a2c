"""What a network sees of a photo: one resize and one normalisation for training, evaluation and live video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import torch

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """Side of the square in pixels; mean and standard deviation a channel (RGB, of values in 0..1)."""

    image_size: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def square(self, image: Image.Image) -> np.ndarray:
        """An RGB picture squeezed (not cut) into the square: uint8 (3, image_size, image_size)."""
        return np.ascontiguousarray(self.pixels(image).transpose(2, 0, 1))

    def pixels(self, image: Image.Image) -> np.ndarray:
        """The same square as cameras order it: uint8 (image_size, image_size, 3)."""
        return np.asarray(image.resize((self.image_size, self.image_size), Image.Resampling.BILINEAR))

    def scale(self, batch: torch.Tensor) -> torch.Tensor:
        """uint8 (N, 3, S, S) in 0..255 to float32 in 0..1, channels last in memory (faster convolutions on a CPU)."""
        import torch

        return batch.to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)

    def standardise(self, batch: torch.Tensor) -> torch.Tensor:
        """float32 (N, 3, S, S) in 0..1 to zero mean and unit deviation a channel."""
        import torch

        mean, std = (torch.tensor(values, device=batch.device).view(1, 3, 1, 1) for values in (self.mean, self.std))
        return (batch - mean) / std

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """uint8 (N, 3, S, S) to what the network takes, without augmentation."""
        return self.standardise(self.scale(batch))
