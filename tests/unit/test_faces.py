"""Faces are found in scenes, in close-ups and in real photos; the widened box is what training saw."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.data.demo import draw_face, draw_scene
from core.data.faces import FaceFinder, crop, widen
from tests.support import picture


def _overlap(one, other) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0, wide) * max(0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / (sum(areas) - both)


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1920, 1080)])
def test_every_face_of_a_scene_is_found_where_it_is(size):
    image, boxes = draw_scene(["mask", "no_mask"], np.random.default_rng(1), size)
    found = FaceFinder().find(np.asarray(image))
    assert len(found) == 2
    for box in boxes:
        assert max(_overlap(box, face.box) for face in found) > 0.4


def test_one_finder_takes_pictures_of_changing_size_and_orders_by_size():
    finder = FaceFinder()
    for size in ((640, 480), (300, 400), (1280, 720)):
        image, _ = draw_scene(["no_mask"], np.random.default_rng(2), size)
        assert len(finder.find(np.asarray(image))) == 1
    image, _ = draw_scene(["no_mask"] * 3, np.random.default_rng(5))
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (face.box for face in finder.find(np.asarray(image)))]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize("size", [64, 192, 1200])
def test_a_face_that_fills_the_picture_is_found_at_any_size(size):
    found = [FaceFinder().find(np.asarray(draw_face("no_mask", np.random.default_rng(n), size))) for n in range(6)]
    assert sum(bool(faces) for faces in found) >= 5


def test_no_face_where_there_is_none_and_boxes_stay_inside():
    finder = FaceFinder()
    assert finder.find(np.asarray(picture(1, 400, 300))) == []
    for height in (1, 9, 12, 20):
        assert finder.find(np.zeros((height, 900, 3), np.uint8)) == []
    image, (box,) = draw_scene(["no_mask"], np.random.default_rng(4))
    cut = np.asarray(image)[:, (box[0] + box[2]) // 2 - 30 :]
    for face in finder.find(np.ascontiguousarray(cut)):
        assert 0 <= face.box[0] < face.box[2] <= cut.shape[1]


def test_widen_adds_a_fifth_on_each_side_and_stops_at_the_edge():
    assert widen((100, 100, 200, 150), (640, 480)) == (80, 90, 220, 160)
    assert widen((0, 10, 100, 110), (110, 120)) == (0, 0, 110, 120)


def test_crop_is_the_widened_box():
    rgb = np.arange(100 * 100 * 3, dtype=np.uint32).reshape(100, 100, 3).astype(np.uint8)
    cut = crop(rgb, (40, 40, 60, 60))
    assert cut.size == (28, 28)
    assert np.array_equal(np.asarray(cut), rgb[36:64, 36:64])


def test_real_crops_are_found_bare_and_masked(photos):
    finder, found = FaceFinder(), {}
    for label in ("mask", "no_mask", "wrong_mask"):
        files = sorted((photos / "faces" / label).glob("*.jpg"))[::20][:50]
        pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
        found[label] = sum(bool(finder.find(rgb)) for rgb in pictures) / len(pictures)
    assert found["no_mask"] > 0.95
    assert min(found.values()) > 0.85
