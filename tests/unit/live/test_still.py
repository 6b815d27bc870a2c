"""A still picture's faces are judged with care: the one rule, and grey where there is nothing to go by."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Predictor, Reading
from core.live import doubt
from core.live.media.sources import open_source
from core.live.still import judge
from core.live.tracked_person import State
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES, Label
from core.store.paths import STARTER_FILE


@pytest.fixture(scope="module")
def starter() -> Predictor:
    return Predictor(STARTER_FILE)


def saying(row: tuple[float, float, float], threshold: float, above: float | None = None) -> SimpleNamespace:
    """A classifier that gives every face these probabilities, and is unsure above this uncertainty."""
    return SimpleNamespace(
        labels=THREE_CLASSES, operating_point=OperatingPoint(threshold), unsure_above=above,
        probabilities=lambda crops: np.array([row] * len(crops)),
    )  # fmt: skip


def scene(labels: list[str], size: tuple[int, int] = (640, 480)) -> np.ndarray:
    return np.asarray(draw_scene(labels, np.random.default_rng(1), size)[0])


@pytest.mark.parametrize(
    ("row", "threshold", "label", "state"),
    [
        ((0.42, 0.57, 0.01), 0.2, Label.MASK, State.LABELLED),
        ((0.57, 0.42, 0.01), 0.9, Label.NO_MASK, State.LABELLED),
        ((0.02, 0.2, 0.78), 0.5, Label.WRONG_MASK, State.LABELLED),
        ((0.52, 0.47, 0.01), 0.5, Label.MASK, State.UNSURE),
        ((0.6, 0.39, 0.01), 0.62, Label.NO_MASK, State.UNSURE),
        ((0.02, 0.5, 0.48), 0.5, Label.NO_MASK, State.UNSURE),
        ((0.45, 0.3, 0.25), 0.2, Label.MASK, State.UNSURE),
    ],
)
def test_label_and_decision_are_one_rule_and_a_tie_is_unsure(row, threshold, label, state):
    (person,) = judge(scene(["mask"]), FaceFinder(), saying(row, threshold))
    assert (person.reading.label, person.state) == (label, state)
    assert person.reading.passes == (label is Label.MASK) == (row[0] >= threshold)
    assert person.reading.confidence == row[THREE_CLASSES.index(label)]


@pytest.mark.parametrize(("above", "state"), [(None, State.LABELLED), (0.25, State.LABELLED), (0.15, State.UNSURE)])
def test_a_face_beyond_the_network_s_uncertainty_is_unsure(above, state):
    (person,) = judge(scene(["mask"]), FaceFinder(), saying((0.8, 0.1, 0.1), 0.5, above))
    assert (person.state, person.reading.unsure) == (state, state is State.UNSURE)
    assert person.reading.uncertainty == pytest.approx(0.2) and not person.violates


def test_the_numbers_of_a_picture_are_those_of_its_faces_largest_first(starter):
    found = judge(scene(["mask", "no_mask"]), FaceFinder(), starter)
    assert [person.number for person in found] == [1, 2]
    assert {person.reading.label for person in found} == {Label.MASK, Label.NO_MASK}
    assert all(person.state is State.LABELLED for person in found)


def test_a_small_face_is_too_far_and_none_is_no_clear_face(starter):
    (small,) = judge(scene(["mask"], (120, 90)), FaceFinder(), starter)
    assert small.state is State.TOO_FAR
    (nobody,) = judge(np.full((200, 300, 3), 128, np.uint8), FaceFinder(), starter)
    assert (nobody.state, nobody.reading.box) == (State.NO_FACE, None)


def test_a_doubtful_detection_is_no_clear_face():
    (face,) = FaceFinder().find(scene(["mask"]))
    sure = Reading(face.box, Label.MASK, 0.98, dict(zip(THREE_CLASSES, (0.98, 0.01, 0.01), strict=True)))
    assert doubt.alone(face, sure, 0.5) is State.LABELLED
    assert doubt.alone(type(face)(face.box, 0.55, face.points), sure, 0.5) is State.NO_FACE


def test_a_painting_and_its_hands_are_not_let_pass(photos: Path, starter):
    """They hang behind four people; both were labelled, and the painting passed with > 99 %."""
    first = next(open_source(str(photos / "clips" / "five_people_mask_on_off.mp4")).frames)
    found = judge(first.pixels, FaceFinder(), starter)
    assert [person.state for person in found] == [State.LABELLED] * 4 + [State.TOO_FAR] * 2
    assert {person.reading.label for person in found[:4]} == {Label.NO_MASK}
