"""Between two frames that the detector sees, faces are moved with the picture; in doubt the detector sees the next one
too; and on real video people, labels and events stay the same."""

from __future__ import annotations

from statistics import mean

import cv2
import numpy as np
import pytest

from benchmarks.every_second_frame import Counting, compare, events
from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Predictor
from core.live.optical_flow import FlowDetector
from core.store import paths
from tests.fixtures.support import overlap

STEP = 1 / 15


def scene(labels, seed=3) -> np.ndarray:
    image, _ = draw_scene(labels, np.random.default_rng(seed))
    return np.asarray(image)


def moved(rgb, across, down) -> np.ndarray:
    return np.roll(rgb, (down, across), (0, 1))


def boxes(faces):
    return sorted(face.box for face in faces)


def test_the_detector_has_every_second_frame_and_boxes_move_with_the_picture():
    flow, counting, still = FlowDetector(), Counting(), scene(["mask", "no_mask", "wrong_mask"])
    for frame in range(20):
        rgb = moved(still, 2 * frame, frame)
        found, wanted = boxes(flow.find(rgb, frame * STEP, counting)), boxes(FaceFinder().find(rgb))
        assert len(found) == len(wanted) == 3
        assert min(overlap(*pair) for pair in zip(found, wanted, strict=True)) > 0.85, frame
    # The first two, because before the first nothing is known of who comes and goes.
    assert counting.looked == 11


def test_a_face_that_comes_nearer_grows_between_two_looks():
    flow, counting, still = FlowDetector(), Counting(), scene(["no_mask"])
    sizes = []
    for frame in range(6):
        zoom = cv2.getRotationMatrix2D((320, 240), 0, 1 + 0.03 * frame)
        rgb = cv2.warpAffine(still, zoom, (640, 480), borderMode=cv2.BORDER_REPLICATE)
        (face,) = flow.find(rgb, frame * STEP, counting)
        (wanted,) = FaceFinder().find(rgb)
        assert overlap(face.box, wanted.box) > 0.85
        sizes.append(face.box[2] - face.box[0])
        assert all(abs(np.subtract(*points)).max() < 4 for points in zip(face.points, wanted.points, strict=True))
    assert counting.looked == 4
    assert sizes[-1] > sizes[0]


@pytest.mark.parametrize(
    ("name", "other", "later"),
    [
        ("another picture", lambda rgb: scene(["mask"], seed=8), STEP),
        ("nothing but grey", lambda rgb: np.full_like(rgb, 128), STEP),
        ("moved too far", lambda rgb: moved(rgb, 160, 0), STEP),
        ("a long time later", lambda rgb: rgb, 0.5),
        ("a time before", lambda rgb: rgb, -1.0),
        ("another size", lambda rgb: np.ascontiguousarray(rgb[:400, :600]), STEP),
    ],
)
def test_in_doubt_the_detector_sees_the_frame(name, other, later):
    flow, counting, rgb = FlowDetector(), Counting(), scene(["no_mask", "mask"])
    for frame in range(2):
        flow.find(rgb, frame * STEP, counting)
    changed = other(rgb)
    assert boxes(flow.find(changed, STEP + later, counting)) == boxes(FaceFinder().find(changed)), name
    assert counting.looked == 3


def test_who_comes_in_is_found_at_once_where_nobody_was():
    flow, counting = FlowDetector(), Counting()
    for frame in range(4):
        assert flow.find(np.full((480, 640, 3), 90, np.uint8), frame * STEP, counting) == []
    assert len(flow.find(scene(["mask"]), 4 * STEP, counting)) == 1
    assert counting.looked == 5


def test_after_somebody_has_come_or_gone_the_detector_sees_two_frames():
    flow, counting, two = FlowDetector(), Counting(), scene(["mask", "no_mask"])
    x0, y0, x1, y1 = max(boxes(FaceFinder().find(two)))
    one = two.copy()
    one[max(0, y0 - 40) : y1 + 40, x0 - 20 : x1 + 20] = 90
    frames, looked = [one] * 5 + [two] * 5, []
    for frame, rgb in enumerate(frames):
        before = counting.looked
        assert len(flow.find(rgb, frame * STEP, counting)) == (1 if frame < 5 else 2)
        looked.append(counting.looked - before)
    assert looked == [1, 1, 0, 1, 0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize("clip", ["no_mask_hand_at_mouth.mkv", "putting_mask_on.mp4"])
def test_on_real_video_people_labels_and_events_stay_the_same(clip, photos):
    same, every, live = compare(photos / "clips" / clip, Predictor(paths.STARTER_FILE))
    assert every.finder.looked == same.frames
    assert live.finder.looked < 0.65 * same.frames
    assert len(same.overlaps) >= 0.98 * same.faces
    assert same.extra == 0
    assert mean(same.overlaps) > 0.97
    assert same.said >= 0.99 * len(same.overlaps)
    assert events(live) == events(every)
