"""The first seed's augmentation as one affine warp a batch: rotate, zoom, stretch, flip."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

ROTATION_DEGREES = 20.0
AREA = (0.8, 1.2)
ASPECT = (3 / 4, 4 / 3)
FLIP = 0.5


def sample(count: int, generator: torch.Generator) -> torch.Tensor:
    """Random maps from output to input coordinates, float32 (count, 2, 3), as `affine_grid` takes them.

    The distribution is that of RandomResizedCrop(area 0.8 to 1.2, aspect log-uniform in 3/4 to 4/3), a flip and a
    rotation of up to 20 degrees; a window larger than the photo zooms out.
    """

    def uniform(low: float, high: float) -> torch.Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    area, aspect = uniform(*AREA), uniform(math.log(ASPECT[0]), math.log(ASPECT[1])).exp()
    width, height = (area * aspect).sqrt(), (area / aspect).sqrt()
    # The window lies anywhere inside the photo, or the photo anywhere inside a larger window.
    right, down = uniform(-1, 1) * (1 - width).abs(), uniform(-1, 1) * (1 - height).abs()
    mirror = torch.where(torch.rand(count, generator=generator) < FLIP, -1.0, 1.0)
    angle = uniform(-ROTATION_DEGREES, ROTATION_DEGREES).deg2rad()
    cos, sin = angle.cos(), angle.sin()
    first = torch.stack([mirror * width * cos, -mirror * width * sin, right], dim=1)
    second = torch.stack([height * sin, height * cos, down], dim=1)
    return torch.stack([first, second], dim=1)


def warp(batch: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Warp float (N, 3, S, S) by (N, 2, 3). Outside the photo its edge goes on: a black corner would be a feature
    that validation photos never show."""
    grid = F.affine_grid(maps.to(batch.device), list(batch.shape), align_corners=False)
    return F.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)
