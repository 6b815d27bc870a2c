"""Disturbances follow from their seed, grow with their severity and mean the same at every image size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.data import disturb
from core.data.disturb import CORRUPTIONS as KINDS
from core.data.disturb import SEVERITIES
from core.data.faces import landmarks
from core.data.faces.landmarks import Marks


@pytest.fixture(scope="module")
def photo(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Marks]:
    """A drawn bare face, uint8 (160, 160, 3), and where it is."""
    files = sorted(path.relative_to(faces).as_posix() for path in (faces / "no_mask").rglob("*.jpg"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(tmp_path_factory.mktemp("marks")))
        found = landmarks.find(faces, files)
    file = next(file for file in files if found[file])
    return np.asarray(Image.open(faces / file).convert("RGB").resize((160, 160))), found[file]


def changed(kind: str, severity: int, photo: tuple[np.ndarray, Marks], seed: int = 0) -> np.ndarray:
    return disturb.apply(kind, photo[0], severity, np.random.default_rng(seed), photo[1])


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first.astype(float) - second).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_a_disturbance_follows_from_its_seed_and_leaves_the_photo_alone(kind: str, photo):
    before = photo[0].copy()
    first, second = changed(kind, 3, photo, seed=5), changed(kind, 3, photo, seed=5)
    assert np.array_equal(first, second)
    assert np.array_equal(photo[0], before)
    assert first.dtype == np.uint8
    assert first.shape == before.shape
    assert distance(first, before) > 0


@pytest.mark.parametrize("kind", ["motion_blur", "noise", "colour_cast", "rotation", "background", "far_away"])
def test_another_seed_gives_another_picture(kind: str, photo):
    assert len({changed(kind, 3, photo, seed).tobytes() for seed in range(8)}) > 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "far_away"])
def test_each_severity_is_worse_than_the_one_before(kind: str, photo):
    far = [np.mean([distance(changed(kind, severity, photo, seed), photo[0]) for seed in range(8)])
           for severity in SEVERITIES]  # fmt: skip
    assert far == sorted(far)
    assert far[4] > 1.2 * far[0]


@pytest.mark.parametrize("kind", ["gaussian_blur", "motion_blur", "low_light", "over_exposure", "rotation", "noise"])
def test_a_severity_means_the_same_at_every_image_size(kind: str, photo):
    large = cv2.resize(photo[0], (320, 320), interpolation=cv2.INTER_CUBIC)
    small = [distance(changed(kind, 3, photo, seed), photo[0]) for seed in range(6)]
    fine = [distance(changed(kind, 3, (large, photo[1]), seed), large) for seed in range(6)]
    assert np.mean(fine) == pytest.approx(np.mean(small), rel=0.25)


@pytest.mark.parametrize("side", [32, 96, 224])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_works_at_every_size(kind: str, side: int, photo):
    square = cv2.resize(photo[0], (side, side), interpolation=cv2.INTER_AREA)
    assert changed(kind, 5, (square, photo[1])).shape == (side, side, 3)


def test_low_resolution_leaves_as_many_pixels_as_it_says(photo):
    # A face of 16 pixels is a crop of 22: what can be told of it survives another trip through 22 pixels.
    coarse = changed("low_resolution", 5, photo)
    again = cv2.resize(cv2.resize(coarse, (22, 22), interpolation=cv2.INTER_AREA), (160, 160))
    assert distance(coarse, again) < 0.35 * distance(photo[0], again)


def test_a_busy_background_leaves_the_face_alone(photo):
    square, found = photo
    x, y = (np.array([point for point in found.points]) * 160).astype(int).T
    busy = changed("background", 5, photo)
    assert np.array_equal(busy[y, x], square[y, x])
    assert distance(busy[:8, :8], square[:8, :8]) > 10


def test_backlight_darkens_the_face_and_brightens_what_is_behind_it(photo):
    square, found = photo
    x, y = (np.array(found.points) * 160).astype(int).T
    lit = changed("backlight", 4, photo)
    assert lit[y, x].mean() < 0.75 * square[y, x].mean()
    assert lit[:8, :8].mean() > square[:8, :8].mean() + 10


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_far_photo_is_as_small_as_it_says(severity: int, photo):
    side = round(160 / KINDS["far_away"].levels[severity - 1])
    rim = max(2, side // 8)
    small = cv2.resize(photo[0], (side, side), interpolation=cv2.INTER_AREA)[rim:-rim, rim:-rim]
    scene = changed("far_away", severity, photo)
    assert cv2.matchTemplate(scene, small, cv2.TM_CCOEFF_NORMED).max() > 0.98


def test_severities_are_told_in_words():
    assert KINDS["low_resolution"].step(5) == "face of 16 px"
    assert KINDS["rotation"].step(1) == "10°"
    assert all(len(kind.levels) == len(SEVERITIES) for kind in KINDS.values())
