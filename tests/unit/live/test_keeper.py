"""Faces that Live keeps by itself: which, how often, and that nothing is kept unless it is switched on."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data.collect import new_dataset
from core.data.collect.inbox import crops
from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Reading
from core.live.tracked_person import Followed, State
from core.live.watch.events import Watch
from core.live.watch.keeper import EVERY_SECONDS, Keeper
from core.schema.labels import TWO_CLASSES, Label
from tests.fixtures.support import wait_for

RGB = np.asarray(draw_scene(["no_mask"], np.random.default_rng(1))[0])
BOX = FaceFinder().find(RGB)[0].box


@pytest.fixture
def keeper(own_home: Path) -> Keeper:
    return Keeper(new_dataset.make("door", TWO_CLASSES), "live-1", "own.pth", 0.5)


def _person(mask: float, state: State = State.LABELLED, number: int = 1) -> Followed:
    label = Label.MASK if mask >= 0.5 else Label.NO_MASK
    shares = {Label.MASK: mask, Label.NO_MASK: 1 - mask}
    return Followed(number, Reading(BOX, label, shares[label], shares), state, 0.0)


def _play(keeper: Keeper, person: Followed, seconds: float, start: float = 0.0) -> float:
    """Ten frames a second, each as if the one before were on the disk."""
    frame, end = round(10 * start), round(10 * (start + seconds))
    while frame < end:
        keeper((person,), RGB, frame / 10)
        wait_for(lambda: not _writing())
        frame += 1
    return end / 10


def _writing() -> bool:
    return any(thread.name == "keep a face" for thread in threading.enumerate())


def test_an_unsure_face_is_kept_once_in_ten_seconds_without_a_label(keeper):
    keeper.unsure = True
    end = _play(keeper, _person(0.52), 0.9)
    assert keeper.kept == 0, "a short doubt is somebody coming in"
    _play(keeper, _person(0.52), EVERY_SECONDS, end)
    assert keeper.kept == 1
    (crop,) = crops.read(keeper.root)
    assert (crop.group, crop.source, crop.note.label) == ("live-1-1", "live, unsure", None)
    assert (crop.note.guess, crop.note.network) == (Label.MASK, "own.pth")
    _play(keeper, _person(0.52), 2 * EVERY_SECONDS, end + EVERY_SECONDS)
    assert keeper.kept == 3 and len(crops.read(keeper.root)) == 1, "the same picture is one file"


def test_a_face_beyond_the_network_s_uncertainty_is_kept(keeper):
    keeper.unsure = True
    person = _person(0.8, State.UNSURE)
    _play(keeper, replace(person, reading=replace(person.reading, unsure=True)), 2.0)
    assert keeper.kept == 1


@pytest.mark.parametrize(
    "person", [_person(0.99), _person(0.01), _person(0.52, State.TOO_FAR), _person(0.52, State.TURNED_AWAY)]
)
def test_a_sure_face_and_one_that_can_t_be_judged_are_not_kept(keeper, person):
    keeper.unsure = True
    _play(keeper, person, 3.0)
    assert keeper.kept == 0 and crops.content(keeper.root) == []


def test_nothing_is_kept_unless_it_is_switched_on(keeper):
    _play(keeper, _person(0.52), 3.0)
    keeper.event(_person(0.01), RGB)
    wait_for(lambda: not _writing())
    assert keeper.kept == 0 and crops.content(keeper.root) == []


def test_a_watch_event_is_kept(keeper):
    keeper.events = True
    watch = Watch(1.0)
    watch.on_event = keeper.event
    for frame in range(30):
        watch((_person(0.01),), RGB, frame / 10)
    wait_for(lambda: keeper.kept == 1)
    assert [crop.source for crop in crops.read(keeper.root)] == ["live, watch mode"]


def test_what_can_t_be_written_is_said_and_the_video_goes_on(keeper):
    keeper.unsure = True
    (keeper.root / ".inbox").symlink_to(keeper.root)
    _play(keeper, _person(0.52), 2.0)
    assert keeper.kept == 0 and keeper.problem and ".inbox" in keeper.problem
