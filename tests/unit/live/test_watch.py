"""Watch mode: one event per person and episode, a bounded list, CSV, and thumbnails in which nobody is recognised."""

from __future__ import annotations

import csv
import io
import os
import threading
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from core.data.faces.detector import FaceFinder
from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Reading
from core.live.tracked_person import Followed, State
from core.live.watch import thumbnails
from core.live.watch.events import GAP_SECONDS, MOST_EVENTS, Watch, events_csv
from core.schema.labels import Label
from core.store import paths

BLANK = np.zeros((48, 64, 3), np.uint8)
OTHERS = {"changing": (Label.NO_MASK, State.CHANGING), "away": (Label.NO_MASK, State.TURNED_AWAY)}


def _person(what: str, number: int = 1, confidence: float = 0.9, left: int = 10) -> Followed:
    label, state = OTHERS.get(what) or (Label(what), State.LABELLED)
    reading = Reading((left, 10, left + 20, 40), label, confidence, {label: confidence})
    return Followed(number, reading, state, 0.0)


def _play(watch: Watch, *script: tuple[str, float], start: float = 0.0, number: int = 1, rate: float = 10) -> float:
    """Show a person for (what, seconds); "none" is an empty picture. Returns the time at the end."""
    frame = round(start * rate)
    for what, seconds in script:
        for _ in range(round(seconds * rate)):
            watch(() if what == "none" else (_person(what, number),), BLANK, frame / rate)
            frame += 1
    return frame / rate


def test_there_is_one_event_after_the_set_time_and_it_grows_while_it_lasts():
    now = [1000.0]
    watch = Watch(3.0, clock=lambda: now[0])
    at = _play(watch, ("no_mask", 2.9))
    assert watch.events() == []
    now[0] = 1003.0
    at = _play(watch, ("no_mask", 0.2), start=at)
    (event,) = watch.events()
    assert (event.number, event.person, event.label, event.confidence) == (1, 1, Label.NO_MASK, 0.9)
    assert event.began == pytest.approx(1000.0, abs=0.11)
    _play(watch, ("no_mask", 4.0), start=at)
    (event,) = watch.events()
    assert event.seconds == pytest.approx(7.0, abs=0.11)
    assert event.began == pytest.approx(1000.0, abs=0.11)


def test_who_complies_or_cannot_be_judged_makes_no_event():
    watch = Watch(1.0)
    for number, what in enumerate(("mask", "changing", "away"), 1):
        _play(watch, (what, 5.0), number=number, start=10 * number)
    assert watch.count == 0
    _play(watch, ("wrong_mask", 1.2), start=50, number=4)
    assert [event.label for event in watch.events()] == [Label.WRONG_MASK]


@pytest.mark.parametrize("what", ["none", "changing", "away", "mask"])
def test_a_short_gap_makes_no_second_event_and_a_long_one_does(what):
    watch = Watch(1.0)
    at = _play(watch, ("no_mask", 2.0), (what, GAP_SECONDS - 0.5), ("no_mask", 2.0))
    assert watch.count == 1
    assert watch.events()[0].seconds == pytest.approx(at, abs=0.11)
    _play(watch, (what, GAP_SECONDS + 0.5), ("no_mask", 2.0), start=at)
    assert [event.number for event in watch.events()] == [2, 1]


@pytest.mark.parametrize(("left", "events"), [(14, 1), (40, 2)])
def test_who_is_lost_for_a_moment_and_found_at_the_same_place_is_the_same(left, events):
    watch = Watch(1.0)
    at = _play(watch, ("no_mask", 2.0), ("none", 1.0))
    for frame in range(20):
        watch((_person("no_mask", 2, left=left),), BLANK, at + frame / 10)
    assert watch.count == events
    assert watch.events()[-1].seconds == pytest.approx(at + 1.9 if events == 1 else 1.9, abs=0.11)


@pytest.mark.parametrize("rate", [0.5, 1, 2, 5, 30])
@pytest.mark.parametrize("what", ["none", "changing"])
def test_at_any_rate_there_is_one_event_and_a_single_frame_is_no_gap(rate, what):
    watch = Watch(5.0)
    one = 1 / rate
    at = _play(watch, ("no_mask", 8.0 + one), (what, one), ("no_mask", 8.0), rate=rate)
    assert watch.count == 1
    assert watch.events()[0].seconds == pytest.approx(at - one)
    _play(watch, (what, max(GAP_SECONDS, 4 * one) + one), ("no_mask", 8.0 + one), start=at, rate=rate)
    assert watch.count == 2


def test_gaps_do_not_count_towards_the_set_time():
    watch = Watch(3.0)
    _play(watch, *[("no_mask", 0.2), ("changing", 1.5)] * 5)
    assert watch.count == 0


def test_the_label_is_the_one_that_was_held_longest():
    watch = Watch(1.0)
    _play(watch, ("no_mask", 3.0), ("wrong_mask", 1.0))
    assert watch.events()[0].label is Label.NO_MASK


def test_two_people_have_an_event_each():
    watch = Watch(1.0)
    for frame in range(20):
        people = (_person("no_mask", 4), _person("wrong_mask", 7, left=35), _person("mask", 9, left=60))
        watch(people, BLANK, frame / 10)
    assert {(event.person, event.label) for event in watch.events()} == {(4, Label.NO_MASK), (7, Label.WRONG_MASK)}


def test_another_streams_clock_starts_over():
    watch = Watch(3.0)
    _play(watch, ("no_mask", 2.0), start=100.0)
    _play(watch, ("no_mask", 2.0), start=0.0)
    assert watch.count == 0
    _play(watch, ("no_mask", 2.0), start=2.0)
    assert watch.events()[0].seconds < 4.0


def test_the_list_is_bounded_and_can_be_cleared():
    watch = Watch(0.0)
    for number in range(MOST_EVENTS + 20):
        watch((_person("no_mask", number),), BLANK, number * 10.0)
    assert (watch.count, len(watch.events()), len(watch._episodes)) == (MOST_EVENTS + 20, MOST_EVENTS, 1)
    assert watch.events()[0].number == MOST_EVENTS + 20
    watch.clear()
    assert watch.events() == []


def test_the_list_is_read_while_it_is_written():
    watch, seen, ended = Watch(0.0), [], threading.Event()

    def read() -> None:
        while not ended.is_set():
            seen.append(len(watch.events()))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(3000):
        watch((_person("no_mask", number % 50),), BLANK, number * 10.0)
    ended.set()
    reader.join()
    assert seen == sorted(seen) and watch.count > 50


def test_the_csv_holds_every_event_with_its_local_time():
    watch = Watch(1.0, clock=lambda: 1_700_000_000.0)
    _play(watch, ("no_mask", 2.5))
    (row,) = csv.DictReader(io.StringIO(events_csv(watch.events())))
    assert (row["event"], row["person"], row["label"], row["confidence"]) == ("1", "1", "no_mask", "0.9")
    assert datetime.fromisoformat(row["began"]).timestamp() == pytest.approx(1_700_000_000.0, abs=1.1)
    assert float(row["seconds"]) == pytest.approx(2.4, abs=0.01)
    assert events_csv([]).count("\n") == 1


def test_nothing_about_a_face_is_stored_unless_asked(own_home):
    _play(Watch(0.5), ("no_mask", 2.0))
    assert not (own_home / "watch").exists()


def test_a_thumbnail_shows_no_face_and_can_be_deleted(own_home):
    image, ((x0, y0, x1, y1),) = draw_scene(["no_mask"], np.random.default_rng(1))
    rgb = np.asarray(image)
    assert FaceFinder().find(rgb)
    watch = Watch(0.0, keep=thumbnails.keep)
    person = _person("no_mask")
    reading = Reading((x0, y0, x1, y1), person.reading.label, 0.9, {})
    watch((Followed(1, reading, State.LABELLED, 0.0),), rgb, 0.0)
    (path,) = thumbnails.stored()
    assert watch.events()[0].picture == path and path.parent == own_home / "watch"
    with Image.open(path) as stored:
        assert stored.size == (6, 6) and not stored.getexif() and not stored.info
        larger = np.asarray(stored.convert("RGB").resize((480, 480), Image.Resampling.BICUBIC))
    assert FaceFinder().find(larger) == []
    assert thumbnails.delete_all() == 1 and thumbnails.stored() == []


def test_thumbnails_are_deleted_after_a_day(own_home):
    old, new = (thumbnails.keep(BLANK, (10, 10, 30, 40)) for _ in range(2))
    os.utime(old, (old.stat().st_mtime - 25 * 3600,) * 2)
    assert thumbnails.delete_old() == 1
    assert thumbnails.stored() == [new]


def test_a_thumbnail_that_cannot_be_kept_is_told_and_the_event_stands(own_home):
    own_home.mkdir()
    (own_home / "watch").write_text("a file where the folder belongs")
    watch = Watch(0.0, keep=thumbnails.keep)
    watch((_person("no_mask"),), BLANK, 0.0)
    assert watch.count == 1 and "could not be kept" in watch.problem
    assert paths.home() == own_home
