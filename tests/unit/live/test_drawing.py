"""What is said of faces is drawn legibly, inside the picture, and with no tag over another where there is room."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.inference.predictor import Reading
from core.live.draw import UNSAID, annotate, text_size
from core.live.tag_places import arranged
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, Label
from tests.fixtures.support import picture


def rgb_of(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def person(box: tuple[int, int, int, int], label: Label, state: State = State.LABELLED) -> Followed:
    return Followed(1, Reading(box, label, 0.9, {label: 0.9}), state, 0.0)


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (1920, 1080)])
@pytest.mark.parametrize("label", list(Label))
def test_the_drawing_shows_the_labels_colour_and_leaves_the_input(size, label):
    rgb = np.asarray(picture(3, *size)).copy()
    before = rgb.copy()
    drawn = annotate(rgb, [person((size[0] // 4, 0, size[0] // 2, size[1] - 1), label)])
    assert drawn.shape == rgb.shape
    assert (drawn == rgb_of(COLOURS[label])).all(axis=2).sum() > 50
    assert np.array_equal(rgb, before)


@pytest.mark.parametrize("state", [state for state in State if state is not State.LABELLED])
def test_of_whom_nothing_is_said_the_drawing_is_grey(state):
    drawn = annotate(np.zeros((480, 640, 3), np.uint8), [person((200, 100, 300, 220), Label.MASK, state)])
    assert (drawn == rgb_of(UNSAID)).all(axis=2).sum() > 500
    assert not (drawn == rgb_of(COLOURS[Label.MASK])).all(axis=2).any()


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1920, 1080), (1080, 1920)])
def test_words_are_a_twentieth_of_the_picture_or_of_what_its_width_leaves(size):
    assert text_size(size, 1) >= 0.05 * min(size[1], 1.4 * size[0]) - 1
    assert text_size(size, 30) < text_size(size, 6) == text_size(size, 1)


def overlap(one, other) -> int:
    across, down = (min(one[at + 2], other[at + 2]) - max(one[at], other[at]) for at in (0, 1))
    return max(0, across) * max(0, down)


@pytest.mark.parametrize(
    "faces",
    [
        [(5, 0, 200, 240)],
        [(300, 2, 639, 479)],
        [(100, 100, 200, 220), (210, 100, 310, 220), (320, 90, 420, 210)],
        [(20 + 125 * at, 150 + 20 * (at % 2), 100 + 125 * at, 250 + 20 * (at % 2)) for at in range(5)],
    ],
)
def test_tags_stay_in_the_picture_and_leave_one_another_alone(faces):
    placed = arranged([[(240, 35), (130, 65)]] * len(faces), faces, (640, 480))
    assert all(x0 >= 0 and y0 >= 0 and x1 <= 640 and y1 <= 480 for x0, y0, x1, y1 in placed)
    assert not any(overlap(one, other) for one, other in combinations(placed, 2))
