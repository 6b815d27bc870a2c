"""Report A's augmentation as one affine warp per batch: zoom, stretch, flip, rotate."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import cv2
import numpy as np
import torch
from torch.nn import functional as F

ROTATION_DEGREES = 20.0
AREA = (0.8, 1.2)
ASPECT = (3 / 4, 4 / 3)
FLIP = 0.5


def sample(count: int, generator: torch.Generator) -> torch.Tensor:
    """Random maps from output to input coordinates, float32 (count, 2, 3), as `affine_grid` takes them.

    The distribution is that of torchvision's RandomResizedCrop(area 0.8 to 1.2, aspect log-uniform in 3/4 to 4/3), flip
    and RandomRotation(20), one after another, but that a window larger than the photo zooms out: torchvision draws such
    a window again.

    >>> sample(8, torch.Generator().manual_seed(0)).shape
    torch.Size([8, 2, 3])
    """

    def uniform(low: float, high: float) -> torch.Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    area, aspect = uniform(*AREA), uniform(math.log(ASPECT[0]), math.log(ASPECT[1])).exp()
    width, height = (area * aspect).sqrt(), (area / aspect).sqrt()
    # The window lies anywhere inside the photo, or the photo anywhere inside a larger window.
    right, down = uniform(-1, 1) * (1 - width).abs(), uniform(-1, 1) * (1 - height).abs()
    mirror = torch.where(torch.rand(count, generator=generator) < FLIP, -1.0, 1.0)
    angle = uniform(-ROTATION_DEGREES, ROTATION_DEGREES).deg2rad()
    return affine(width, height, right, down, mirror, angle)


def affine(
    width: torch.Tensor, height: torch.Tensor, right: torch.Tensor, down: torch.Tensor, mirror: torch.Tensor,
    angle: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Maps (n, 2, 3) that look through a window of this width and height (1: the photo's) whose centre is so far to the
    right and down (1: half a photo), mirror where `mirror` is -1, then turn by `angle` (radians, counterclockwise); all
    (n,).

    >>> one, none = torch.ones(1), torch.zeros(1)
    >>> affine(one, one, none, none, mirror=-one, angle=none).tolist()
    [[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
    """
    cos, sin = angle.cos(), angle.sin()
    first = torch.stack([mirror * width * cos, -mirror * width * sin, right], dim=1)
    second = torch.stack([height * sin, height * cos, down], dim=1)
    return torch.stack([first, second], dim=1)


def warp(batch: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Warp uint8 photos (N, 3, S, S) by maps (N, 2, 3), where they are; channels last in memory. Outside the photo its
    edge goes on: a black corner would be a feature that validation photos never show.

    >>> photo = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 2, 2)
    >>> mirror = torch.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> bool((warp(photo, mirror) == photo.flip(3)).all())
    True
    """
    if batch.device.type == "cpu":
        return _warp_squares(batch, maps)
    return _warp_batch(batch, maps)


def _warp_batch(batch: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    grid = F.affine_grid(maps.to(batch.device), list(batch.shape), align_corners=False)
    images = batch.to(torch.float32).contiguous()
    warped = F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return warped.round_().to(torch.uint8).contiguous(memory_format=torch.channels_last)


def _warp_squares(batch: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """The same on a processor, where OpenCV's warp of 8-bit pictures takes a fifth of the time."""
    squares = np.ascontiguousarray(batch.permute(0, 2, 3, 1).numpy())
    warped = np.empty_like(squares)
    matrices = _in_pixels(maps.double().numpy(), squares.shape[1])

    def one(index: int) -> None:
        cv2.warpAffine(
            squares[index], matrices[index], squares.shape[1:3], dst=warped[index],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip

    # OpenCV lets go of the interpreter's lock: its calls run beside each other.
    list(_pool().map(one, range(len(squares))))
    return torch.from_numpy(warped).permute(0, 3, 1, 2)


def _in_pixels(maps: np.ndarray, side: int) -> np.ndarray:
    """Maps of coordinates in -1..1 (edges of the photo) as maps of pixel centres, counted from 0 on."""
    matrices = maps.copy()
    centre = (side - 1) / 2
    matrices[:, :, 2] = maps[:, :, 2] * side / 2 + centre - maps[:, :, :2].sum(axis=2) * centre
    return matrices


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(torch.get_num_threads(), thread_name_prefix="augment")
