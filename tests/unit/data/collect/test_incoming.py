"""A camera's picture: kept with one large, bright, sharp face, else refused for what is wrong; and its bytes."""

from __future__ import annotations

import base64
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.data.collect import incoming
from core.data.collect.incoming import PREFIX, Judged, jpeg_bytes, judge
from core.data.images.decode import PhotoError
from core.data.synthetic.demo import draw_scene
from core.data.synthetic.person import make_person
from core.schema.labels import THREE_CLASSES


def _scene(*labels: str, seed: int = 1) -> np.ndarray:
    return np.asarray(draw_scene(labels, np.random.default_rng(seed))[0])


def _frames(clip: Path, number: int) -> list[np.ndarray]:
    """Every tenth frame of a video."""
    with av.open(str(clip)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in islice(video.decode(video=0), 0, 10 * number, 10)]


def _dark(rgb: np.ndarray) -> np.ndarray:
    return (rgb * 0.2).astype(np.uint8)


def _far(rgb: np.ndarray) -> np.ndarray:
    """The same person farther away, before a wall."""
    small = cv2.resize(rgb, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    wall = np.full_like(rgb, 128)
    wall[: small.shape[0], : small.shape[1]] = small
    return wall


def _blurred(rgb: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(rgb, (0, 0), 8)


@pytest.mark.parametrize("label", THREE_CLASSES)
def test_one_drawn_face_is_kept_and_refused_once_it_is_spoilt(label):
    rgb = _scene(label)
    assert judge(rgb).refused is None
    assert judge(_dark(rgb)).refused == incoming.TOO_DARK
    assert judge(_blurred(rgb)).refused == incoming.BLURRED
    assert judge(_far(rgb)).refused == incoming.TOO_SMALL


@pytest.mark.parametrize("label", THREE_CLASSES)
def test_dark_skin_in_good_light_is_not_too_dark(label):
    dark = make_person(np.random.default_rng(1))
    # In these the mean of the face is below 40 for one label or more.
    for seed in (21, 24, 32):
        rgb = np.asarray(draw_scene([label], np.random.default_rng(seed), people=[dark])[0])
        assert judge(rgb).refused is None
        assert judge(_dark(rgb)).refused == incoming.TOO_DARK


def test_no_face_and_several_are_refused_by_their_number():
    assert judge(_scene()).refused == incoming.NO_FACE
    assert judge(np.zeros((480, 640, 3), np.uint8)).refused == incoming.TOO_DARK
    assert judge(_scene("mask", "no_mask")) == Judged("two faces")


def test_a_real_webcam_s_frames_are_kept_and_refused_once_they_are_spoilt(photos):
    for name in ("no_mask_man.mp4", "mask_at_laptop.mp4"):
        for rgb in _frames(photos / "clips" / name, 5):
            assert judge(rgb).refused is None
            assert judge(_dark(rgb)).refused == incoming.TOO_DARK
            assert judge(_blurred(rgb)).refused == incoming.BLURRED
    crowd = _frames(photos / "clips" / "five_people_mask_on_off.mp4", 5)
    assert all(judge(rgb).refused.endswith("faces") for rgb in crowd)


def test_a_mirrored_face_is_turned_the_other_way():
    rgb = _scene("no_mask")
    one, other = judge(rgb).turned, judge(np.ascontiguousarray(rgb[:, ::-1])).turned
    assert abs(one) > 0.02 and np.sign(one) == -np.sign(other)


def test_bytes_come_out_as_they_were_sent(photo_bytes):
    data = photo_bytes(1)
    assert jpeg_bytes(PREFIX + base64.b64encode(data).decode()) == data


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "not a JPEG"),
        ("data:image/png;base64,AAAA", "not a JPEG"),
        ("data:text/html;base64,AAAA", "not a JPEG"),
        (PREFIX + base64.b64encode(b"<svg>").decode(), "not a JPEG"),
        (PREFIX + "/9j/ 4AAQ", "damaged"),
        (PREFIX + "/9j/4", "damaged"),
        (PREFIX + "é", "damaged"),
        (PREFIX + "A" * incoming.MOST_LETTERS, "larger than"),
    ],
)
def test_what_is_no_jpeg_is_refused(address, why):
    with pytest.raises(PhotoError, match=why):
        jpeg_bytes(address)
