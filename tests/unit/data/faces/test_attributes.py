"""Traits of photos: what is measured follows the picture, is found once, and is kept until the photo changes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from core.data.dataset.scan import scan
from core.data.faces import attributes
from core.data.faces.landmarks import Marks
from core.data.faces.mask_colour import mask_colour
from core.data.synthetic.demo import draw_face
from tests.fixtures.support import broken_files, picture

# Eyes, nose and mouth of a face of 100 x 100 pixels that looks straight on.
POINTS = np.array([(30.0, 40.0), (70.0, 40.0), (50.0, 60.0), (35.0, 78.0), (65.0, 78.0)])
SKINS = {"light": (226, 188, 165), "dark": (92, 62, 48)}


def face(mask: tuple[int, int, int] | None, skin: tuple[int, int, int] = SKINS["light"]) -> np.ndarray:
    """Skin, and a mask of one colour over the lower half."""
    image = Image.new("RGB", (100, 100), skin)
    if mask:
        ImageDraw.Draw(image).rectangle((10, 55, 90, 98), fill=mask)
    return np.asarray(image)


def measured(rgb: np.ndarray, points: np.ndarray = POINTS, scale: float = 1.0) -> attributes.Traits:
    return attributes.measure(rgb, Marks((0.1, 0.1, 0.9, 0.95), tuple(map(tuple, points / 100))), scale)


@pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)
@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((240, 240, 238), "white"), ((200, 200, 205), "white"), ((130, 190, 225), "light blue"),
        ((150, 215, 215), "light blue"), ((22, 22, 24), "dark"), ((20, 120, 50), "other colour"),
        ((190, 20, 30), "other colour"),
    ],
)  # fmt: skip
def test_masks_are_called_what_people_call_them(skin: tuple, colour: tuple, name: str):
    assert mask_colour(face(colour, skin), POINTS) == name


@pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)
def test_a_bare_mouth_and_a_mask_like_skin_can_not_be_told(skin: tuple):
    assert mask_colour(face(None, skin), POINTS) is None
    assert mask_colour(face(tuple(value - 8 for value in skin), skin), POINTS) is None


def test_points_outside_the_photo_are_no_error():
    assert mask_colour(face(None), POINTS + 80) is None


def test_size_is_that_of_the_whole_photo():
    assert measured(face(None)).face_size == pytest.approx(80)
    assert measured(face(None), scale=4).face_size == pytest.approx(320)


@pytest.mark.parametrize("tilt", [0.0, 0.4, -0.7])
def test_a_turned_head_is_told_from_a_tilted_one(tilt: float):
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    assert measured(face(None), (POINTS - 50) @ turn.T + 50).turned == pytest.approx(0, abs=1e-9)
    aside = POINTS + np.array([(0, 0), (0, 0), (10, 0), (0, 0), (0, 0)])
    assert measured(face(None), (aside - 50) @ turn.T + 50).turned == pytest.approx(10 / 40)


def test_brightness_is_the_mean_luma_of_the_face_alone():
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[10:95, 10:90] = (200, 100, 50)
    assert measured(rgb).brightness == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50, abs=1)


def test_blur_and_few_pixels_lower_the_sharpness():
    sharp = draw_face("no_mask", np.random.default_rng(1), 224)
    values = [
        measured(np.asarray(image)).sharpness
        for image in (sharp, sharp.filter(ImageFilter.GaussianBlur(3)), sharp.filter(ImageFilter.GaussianBlur(8)))
    ]
    assert values[0] > 3 * values[1] > 6 * values[2]
    assert measured(np.asarray(sharp.resize((40, 40)))).sharpness < values[0] / 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("mask", "no_mask"):
        (tmp_path / "photos" / label).mkdir(parents=True)
    rng = np.random.default_rng(3)
    bare = draw_face("no_mask", rng, 200)
    bare.save(tmp_path / "photos" / "no_mask" / "face.png")
    ImageEnhance.Brightness(bare).enhance(0.4).save(tmp_path / "photos" / "no_mask" / "dark.png")
    bare.resize((4000, 4000)).save(tmp_path / "photos" / "no_mask" / "large.jpg", quality=85)
    picture(4, 280, 140).save(tmp_path / "photos" / "mask" / "none.png")
    return tmp_path / "photos"


def test_the_traits_of_real_files(folder: Path):
    files = [photo.file for photo in scan(folder).photos] + list(broken_files(folder))
    told = []
    found = attributes.find(folder, files, lambda done, total: told.append((done, total)))
    assert set(found) == {"mask/none.png", "no_mask/face.png", "no_mask/dark.png", "no_mask/large.jpg"}
    own, dark, large = (found[f"no_mask/{name}"] for name in ("face.png", "dark.png", "large.jpg"))
    assert own.face and large.face and large.face_size == pytest.approx(20 * own.face_size, rel=0.1)
    assert dark.brightness == pytest.approx(0.4 * own.brightness, rel=0.15)
    none = found["mask/none.png"]
    assert (none.face, none.turned, none.mask_colour) == (False, None, None)
    assert none.face_size == pytest.approx(140 / 1.4)
    assert told == [(done, 2 * len(files)) for done in range(1, 2 * len(files) + 1)]


def test_a_photo_is_measured_once_until_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch):
    looked = []
    real = attributes.measure
    monkeypatch.setattr(attributes, "measure", lambda *given: looked.append(1) or real(*given))
    first = attributes.find(folder, ["no_mask/face.png", "mask/none.png"])
    assert (attributes.find(folder, ["no_mask/face.png", "mask/none.png"]), len(looked)) == (first, 2)
    picture(9, 300, 300).save(folder / "no_mask" / "face.png")
    os.utime(folder / "no_mask" / "face.png", ns=(1, 1))
    assert attributes.find(folder, ["no_mask/face.png"])["no_mask/face.png"] != first["no_mask/face.png"]
    assert len(looked) == 3
