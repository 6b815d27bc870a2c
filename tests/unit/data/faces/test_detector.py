"""Faces are found in scenes, in close-ups and in real photos; the widened box is what training saw."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from core.data.faces import yunet
from core.data.faces.detector import FaceFinder, crop, plausible, widen
from core.data.synthetic.demo import draw_face, draw_scene
from core.schema.errors import UserError
from tests.fixtures.support import overlap, picture


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1920, 1080)])
def test_every_face_of_a_scene_is_found_where_it_is(size):
    image, boxes = draw_scene(["mask", "no_mask"], np.random.default_rng(1), size)
    found = FaceFinder().find(np.asarray(image))
    assert len(found) == 2
    for box in boxes:
        assert max(overlap(box, face.box) for face in found) > 0.4


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


def test_the_detector_s_file_is_the_published_one():
    digest = hashlib.sha256(yunet.MODEL_FILE.read_bytes()).hexdigest()
    assert digest == "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
    assert digest in yunet.MODEL_FILE.with_name("README.md").read_text(encoding="utf-8")
    assert "MIT License" in yunet.MODEL_FILE.with_name("LICENSE").read_text(encoding="utf-8")


def test_without_its_file_the_detector_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(yunet, "MODEL_FILE", tmp_path / "absent.onnx")
    with pytest.raises(UserError, match=r"absent\.onnx is missing"):
        yunet.detector()


def both_finders() -> tuple[FaceFinder, FaceFinder]:
    """(By OpenVINO, by OpenCV.)"""
    mine, theirs = FaceFinder(), FaceFinder()
    theirs._detector = yunet.OpenCv(str(yunet.MODEL_FILE))
    return mine, theirs


def same_faces(pictures) -> int:
    """How many faces are found, by both alike: boxes that overlap by 0.98 at least, points within a pixel."""
    (mine, theirs), count = both_finders(), 0
    assert isinstance(mine._detector, yunet.OpenVino)
    for rgb in pictures:
        found, wanted = mine.find(rgb), theirs.find(rgb)
        assert len(found) == len(wanted), rgb.shape
        for one in found:
            other = max(wanted, key=lambda face: overlap(one.box, face.box))
            assert overlap(one.box, other.box) > 0.98
            assert np.abs(np.subtract(one.points, other.points)).max() < 1
            assert abs(one.score - other.score) < 0.01
        count += len(found)
    return count


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (711, 333), (1920, 1080)])
def test_openvino_finds_the_faces_that_opencv_finds(size):
    rng = np.random.default_rng(3)
    assert same_faces([np.asarray(draw_scene(["mask", "no_mask", "wrong_mask"], rng, size)[0]) for _ in range(3)]) > 5


def test_openvino_finds_the_faces_that_opencv_finds_in_real_scenes(photos):
    names = sorted((photos / "scenes" / "images").iterdir())
    assert same_faces(np.asarray(Image.open(name).convert("RGB")) for name in names) > 250


def test_where_openvino_fails_opencv_finds_them(monkeypatch, caplog):
    def broken(path):
        raise RuntimeError("no such processor")

    monkeypatch.setattr(yunet, "_compiled", broken)
    finder = FaceFinder()
    assert isinstance(finder._detector, yunet.OpenCv)
    assert "no such processor" in caplog.text
    assert len(finder.find(np.asarray(draw_scene(["no_mask"], np.random.default_rng(2))[0]))) == 1


def test_no_face_on_strips_on_which_yunet_is_sure_of_one():
    finder, rng = FaceFinder(), np.random.default_rng(0)
    for _ in range(120):
        size = int(rng.integers(10, 40)), int(rng.integers(200, 900))
        height, width = size if rng.random() < 0.5 else size[::-1]
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        flat = np.full((height, width, 3), rng.integers(0, 256), np.uint8)
        assert finder.find(noise) == finder.find(flat) == [], (height, width)


@pytest.mark.parametrize(
    ("box", "nose", "is_face"),
    [
        ((100, 80, 60, 80), (130, 120), True),
        # Half a face at the left edge, of which an eye and a corner of the mouth are seen.
        ((-20, 80, 60, 80), (10, 120), True),
        # What YuNet says of strips: beside the picture, points beside the box, no size, an endless one.
        ((-50, 80, 60, 80), (-20, 120), False),
        ((100, 80, 60, 80), (130, 300), False),
        ((100, 80, 0, 80), (100, 120), False),
        ((100, 80, 1.6e8, 45), (130, 100), False),
    ],
)
def test_an_answer_that_no_face_can_give_is_refused(box, nose, is_face):
    x, y, width, height = box
    eyes = (x + 0.3 * width, y + 0.4 * height), (x + 0.7 * width, y + 0.4 * height)
    mouth = (x + 0.4 * width, y + 0.8 * height), (x + 0.6 * width, y + 0.8 * height)
    row = np.array([*box, *np.ravel([*eyes, nose, *mouth]), 0.9999], np.float32)
    assert plausible(row, (640, 480)) == is_face


def test_widen_adds_a_fifth_on_each_side_and_stops_at_the_edge():
    assert widen((100, 100, 200, 150), (640, 480)) == (80, 90, 220, 160)
    assert widen((0, 10, 100, 110), (110, 120)) == (0, 0, 110, 120)


def test_crop_is_the_widened_box():
    rgb = np.arange(100 * 100 * 3, dtype=np.uint32).reshape(100, 100, 3).astype(np.uint8)
    cut = crop(rgb, (40, 40, 60, 60))
    assert cut.size == (28, 28)
    assert np.array_equal(np.asarray(cut), rgb[36:64, 36:64])


def test_no_real_face_is_refused_as_implausible(photos, monkeypatch):
    finder = FaceFinder()
    names = sorted((photos / "scenes" / "images").iterdir())[:25]
    scenes = [np.asarray(Image.open(name).convert("RGB")) for name in names]
    found = [finder.find(rgb) for rgb in scenes]
    monkeypatch.setattr("core.data.faces.detector.plausible", lambda row, size: True)
    assert found == [finder.find(rgb) for rgb in scenes]
    assert sum(map(len, found)) > 50


def test_real_crops_are_found_bare_and_masked(photos):
    finder, found = FaceFinder(), {}
    for label in ("mask", "no_mask", "wrong_mask"):
        names = sorted((photos / "faces" / label).glob("*.jpg"))[::20][:50]
        pictures = [np.asarray(Image.open(name).convert("RGB")) for name in names]
        found[label] = sum(bool(finder.find(rgb)) for rgb in pictures) / len(pictures)
    assert found["no_mask"] > 0.95
    assert min(found.values()) > 0.85
