"""Augmentation: the distribution of the maps, and what a map does to a picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torchvision.transforms import RandomResizedCrop, RandomRotation, functional

from core.data.augment import affine
from core.data.images.preprocessing import Preprocessing
from tests.fixtures.support import picture

COUNT = 20_000


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def parts() -> dict[str, np.ndarray]:
    """Area, aspect, rotation (degrees), flip and shifts of many maps, found from the matrices alone."""
    maps = affine.sample(COUNT, generator()).double().numpy()
    matrix, shift = maps[:, :, :2], maps[:, :, 2]
    width, height = np.linalg.norm(matrix, axis=2).T
    return {
        "rows": (matrix[:, 0] * matrix[:, 1]).sum(axis=1),
        "width": width, "height": height, "area": width * height, "aspect": width / height,
        "angle": np.degrees(np.arctan2(matrix[:, 1, 0], matrix[:, 1, 1])),
        "mirrored": np.linalg.det(matrix) < 0,
        "right": shift[:, 0], "down": shift[:, 1],
    }  # fmt: skip


def uniform(values: np.ndarray, low: float, high: float) -> float:
    """How well the values fit a uniform distribution: the p-value of Kolmogorov and Smirnov's test."""
    assert values.min() >= low - 1e-4
    assert values.max() <= high + 1e-4
    return stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue


def test_maps_are_a_turn_a_stretch_and_a_flip(parts):
    assert np.abs(parts["rows"]).max() < 1e-5


def test_areas_zoom_in_and_out(parts):
    assert uniform(parts["area"], 0.8, 1.2) > 1e-3


def test_aspects_are_log_uniform(parts):
    assert uniform(np.log(parts["aspect"]), math.log(3 / 4), math.log(4 / 3)) > 1e-3


def test_rotations(parts):
    assert uniform(parts["angle"], -20, 20) > 1e-3


def test_half_are_flipped(parts):
    assert stats.binomtest(int(parts["mirrored"].sum()), COUNT, 0.5).pvalue > 1e-3


def test_nothing_hangs_together(parts):
    names = ["area", "aspect", "angle", "mirrored"]
    table = np.corrcoef([parts[name].astype(float) for name in names])
    assert np.abs(table - np.eye(4)).max() < 0.03


def test_windows_stay_inside_and_photos_inside_windows(parts):
    for shift, side in (("right", "width"), ("down", "height")):
        room = np.abs(1 - parts[side])
        assert (np.abs(parts[shift]) <= room + 1e-5).all()
        assert uniform((parts[shift] / room)[room > 1e-3], -1, 1) > 1e-3


def test_windows_are_torchvision_s_where_it_draws_any(parts):
    """Two-sample tests against the per-picture transform's own draws, on a photo so large that pixels do not show."""
    side, photo = 4000, torch.empty(3, 4000, 4000, device="meta")
    torch.manual_seed(0)
    drawn = np.array([RandomResizedCrop.get_params(photo, [*affine.AREA], [*affine.ASPECT]) for _ in range(4000)])
    down, right, height, width = drawn[(drawn[:, 2] < side) | (drawn[:, 3] < side)].T / side
    assert len(width) > 3000, "what else it gives is the whole photo, after ten windows that did not fit"
    inside = (parts["width"] <= 1) & (parts["height"] <= 1)
    for wanted, found in (
        (width, parts["width"]), (height, parts["height"]), (width * height, parts["area"]),
        (2 * right + width - 1, parts["right"]), (2 * down + height - 1, parts["down"]),
    ):  # fmt: skip
        assert stats.ks_2samp(wanted, found[inside]).pvalue > 1e-3


def test_angles_are_torchvision_s(parts):
    torch.manual_seed(0)
    drawn = [RandomRotation.get_params([-affine.ROTATION_DEGREES, affine.ROTATION_DEGREES]) for _ in range(4000)]
    assert stats.ks_2samp(drawn, parts["angle"]).pvalue > 1e-3


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_warp_is_the_per_picture_transforms_one_after_another(mirrored: bool):
    side, (top, left, height, width), angle = 160, (10, 24, 150, 120), 17.0
    waves = torch.linspace(0, 3, side)
    colours = [waves.sin()[None] * waves.cos()[:, None], waves[None] * waves[:, None] / 9, (waves[:, None] / 2).cos()]
    photo = torch.stack([(127 + 120 * colour.expand(side, side)).to(torch.uint8) for colour in colours])
    seen = functional.resized_crop(photo, top, left, height, width, [side, side], antialias=False)
    seen = functional.hflip(seen) if mirrored else seen
    seen = functional.rotate(seen, angle, functional.InterpolationMode.BILINEAR)
    own = affine.affine(*(torch.tensor([value]) for value in (
        width / side, height / side, (2 * left + width) / side - 1, (2 * top + height) / side - 1,
        -1.0 if mirrored else 1.0, math.radians(angle),
    )))  # fmt: skip
    found = affine.warp(photo[None], own)[0]
    # Where neither looks beyond the photo.
    middle = slice(side // 5, -side // 5)
    apart = (found.float() - seen.float()).abs()[:, middle, middle]
    assert apart.max() <= 3 and apart.mean() < 1


def test_the_generator_decides():
    assert torch.equal(affine.sample(50, generator(1)), affine.sample(50, generator(1)))
    assert not torch.equal(affine.sample(50, generator(1)), affine.sample(50, generator(2)))
    state = torch.get_rng_state()
    affine.sample(50, generator(1))
    assert torch.equal(torch.get_rng_state(), state), "torch's global generator is left alone"


@pytest.fixture(scope="module")
def batch() -> torch.Tensor:
    preprocessing = Preprocessing(64)
    squares = [preprocessing.square(picture(seed, 90, 70)) for seed in range(3)]
    return torch.from_numpy(np.stack(squares))


def same_map(rows: list[list[float]], count: int = 3) -> torch.Tensor:
    return torch.tensor(rows).expand(count, 2, 3)


def test_the_identity_leaves_the_picture(batch: torch.Tensor):
    warped = affine.warp(batch, same_map([[1.0, 0, 0], [0, 1.0, 0]]))
    assert warped.shape == batch.shape
    assert torch.equal(warped, batch)


def test_a_mirror_and_a_quarter_turn(batch: torch.Tensor):
    assert torch.equal(affine.warp(batch, same_map([[-1.0, 0, 0], [0, 1.0, 0]])), batch.flip(3))
    turned = affine.warp(batch, same_map([[0, -1.0, 0], [1.0, 0, 0]]))
    assert torch.equal(turned, batch.rot90(-1, (2, 3))) or torch.equal(turned, batch.rot90(1, (2, 3)))


def test_a_gpu_warps_as_a_processor_does(batch: torch.Tensor):
    maps = affine.sample(3, generator(5))
    one, other = affine.warp(batch, maps).int(), affine._warp_batch(batch, maps).int()
    # OpenCV rounds a place to a 32nd of a pixel.
    assert (one - other).abs().float().mean() < 1
    assert (affine.warp(batch, affine.sample(3, generator(6))).int() - other).abs().float().mean() > 5


def test_zooming_out_shows_more():
    square = torch.zeros(1, 3, 100, 100, dtype=torch.uint8)
    square[..., 30:70, 30:70] = 255
    wider = affine.warp(square, same_map([[1.25, 0, 0], [0, 1.25, 0]], 1))
    closer = affine.warp(square, same_map([[0.8, 0, 0], [0, 0.8, 0]], 1))
    assert wider.sum().item() / (3 * 255) == pytest.approx(1600 / 1.25**2, rel=0.02)
    assert closer.sum().item() / (3 * 255) == pytest.approx(1600 / 0.8**2, rel=0.02)


def test_the_edge_goes_on_outside_the_photo():
    bright = torch.full((1, 3, 32, 32), 180, dtype=torch.uint8)
    warped = affine.warp(bright, same_map([[1.4, 0.3, 0.2], [-0.3, 1.4, 0.2]], 1))
    assert torch.equal(warped, bright)


def test_values_stay_in_their_range(batch: torch.Tensor):
    warped = affine.warp(batch.repeat(10, 1, 1, 1), affine.sample(30, generator(3)))
    assert batch.min() <= warped.min()
    assert warped.max() <= batch.max()
    assert not torch.equal(warped[0], warped[3])


def test_preprocessing_squeezes_and_standardises():
    preprocessing = Preprocessing(48)
    pixels = preprocessing.square(picture(1, 100, 60))
    assert pixels.shape == (3, 48, 48)
    assert pixels.dtype == np.uint8
    red = torch.zeros(1, 3, 48, 48, dtype=torch.uint8)
    red[:, 0] = 255
    values = preprocessing.normalise(red)[0, :, 0, 0]
    assert torch.allclose(values, torch.tensor([(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225]))
