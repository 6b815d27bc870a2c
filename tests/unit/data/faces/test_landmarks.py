"""Faces and their points are found once, where they are, and again only when a photo has changed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.faces import landmarks
from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from tests.fixtures.support import broken_files, picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    draw_scene(["no_mask"], np.random.default_rng(2), (640, 480))[0].save(root / "face.jpg", quality=95)
    picture(1, 300, 200).save(root / "none.png")
    return root


def test_points_lie_in_the_face_and_in_their_order(folder: Path):
    found = landmarks.find(folder, ["face.jpg", "none.png"])
    assert found["none.png"] is None
    face = found["face.jpg"]
    x0, y0, x1, y1 = face.box
    assert all(x0 < x < x1 and y0 < y < y1 for x, y in face.points)
    right_eye, left_eye, nose, right_mouth, left_mouth = face.points
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_shares_are_those_of_the_finder_in_pixels(folder: Path):
    rgb = np.asarray(Image.open(folder / "face.jpg"))
    (face,) = FaceFinder().find(rgb)
    found = landmarks.find(folder, ["face.jpg"])["face.jpg"]
    height, width = rgb.shape[:2]
    assert np.allclose(np.array(found.points) * (width, height), face.points)
    assert np.allclose(np.array(found.box) * (width, height, width, height), face.box)


def test_a_photo_is_looked_at_once_until_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch):
    looked = []
    real = landmarks.FaceFinder.find
    monkeypatch.setattr(landmarks.FaceFinder, "find", lambda self, rgb: looked.append(1) or real(self, rgb))
    first = landmarks.find(folder, ["face.jpg", "none.png"])
    assert (landmarks.find(folder, ["face.jpg", "none.png"]), len(looked)) == (first, 2)
    picture(2, 300, 200).save(folder / "face.jpg")
    os.utime(folder / "face.jpg", ns=(1, 1))
    assert (landmarks.find(folder, ["face.jpg"])["face.jpg"], len(looked)) == (None, 3)


def test_damaged_and_missing_photos_have_no_face_and_stop_nothing(folder: Path):
    names = list(broken_files(folder))
    told = []
    found = landmarks.find(folder, [*names, "missing.jpg", "face.jpg"], lambda *count: told.append(count))
    assert [name for name, face in found.items() if face] == ["face.jpg"]
    assert told[-1] == (len(names) + 2, len(names) + 2)
