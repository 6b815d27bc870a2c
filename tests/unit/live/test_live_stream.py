"""The webcam callback labels, measures itself and never raises; several viewers share one worker; the ICE setting is
read or refused in a sentence."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import av
import numpy as np
import pytest

from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Predictor
from core.live.draw import annotate
from core.live.engine import GONE_SECONDS, Engine, most_viewers
from core.live.ice_servers import ice_servers
from core.live.stream import LiveStream
from core.live.tracked_person import State
from core.schema.errors import UserError
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import wait_for


@pytest.fixture
def predictor(tmp_path):
    return Predictor(tiny_model(tmp_path / "m.pth"))


@pytest.fixture(autouse=True)
def own_engine(monkeypatch):
    """An engine of its own; and every frame waits for its faces, however busy the machine is."""
    monkeypatch.setattr("core.live.engine._engine", None)
    monkeypatch.setattr("core.live.stream._PATIENCE", 60.0)


def _webcam_frame(labels, seed=1):
    image, _ = draw_scene(labels, np.random.default_rng(seed))
    return av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")


def together(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_frame_comes_back_labelled_and_measured(predictor):
    stream = LiveStream(predictor)
    assert stream.snapshot().age_s is None
    for _ in range(4):
        labelled = stream.recv(_webcam_frame(["mask", "no_mask"]))
    now = stream.snapshot()
    assert (labelled.width, labelled.height) == (640, 480)
    assert len(now.people) == 2
    assert now.frames == 4
    assert now.fps > 0
    assert now.latency_ms > 0
    assert now.error is None
    assert now.age_s < 2


def test_the_picture_says_what_the_list_was_told_until_the_list_asks_again(predictor, monkeypatch):
    stream, now, answers = LiveStream(predictor), [time.monotonic()], iter(np.linspace(0.7, 0.99, 40))
    monkeypatch.setattr("core.live.stream.time.monotonic", lambda: now[0])

    def received(frame):
        now[0] += 0.1
        return stream.recv(frame)

    def surer(crops):
        return np.array([(mask := next(answers), 1 - mask, 0.0)] * len(crops))

    monkeypatch.setattr(predictor, "probabilities", surer)
    for _ in range(12):
        received(_webcam_frame(["mask"]))
    listed = stream.snapshot().people
    assert listed[0].state is State.LABELLED
    for _ in range(4):
        frame = _webcam_frame(["mask"])
        shown = received(frame).to_ndarray(format="rgb24")
        (box,) = [person.reading.box for person in stream._people]
        expected = [replace(listed[0], reading=replace(listed[0].reading, box=box))]
        assert np.array_equal(shown, annotate(frame.to_ndarray(format="rgb24"), expected))
    now = stream.snapshot().people
    assert now[0].reading.confidence > listed[0].reading.confidence + 0.01


def test_a_person_whom_the_list_does_not_have_yet_is_grey(predictor, monkeypatch):
    stream = LiveStream(predictor)
    stream.snapshot()
    frame = _webcam_frame(["mask"])
    shown = stream.recv(frame).to_ndarray(format="rgb24")
    (person,) = stream._people
    grey = annotate(frame.to_ndarray(format="rgb24"), [replace(person, state=State.CHANGING)])
    assert np.array_equal(shown, grey)


def test_the_rate_falls_to_nothing_when_frames_stop(predictor, monkeypatch):
    stream = LiveStream(predictor)
    for _ in range(3):
        stream.recv(_webcam_frame(["mask"]))
    late = time.monotonic() + 5
    monkeypatch.setattr("core.live.stream.time.monotonic", lambda: late)
    now = stream.snapshot()
    assert (now.fps, now.latency_ms) == (0, 0)
    assert now.age_s > 4


def test_a_slow_streams_rate_is_said(predictor, monkeypatch):
    stream, now = LiveStream(predictor), [time.monotonic()]
    monkeypatch.setattr("core.live.stream.time.monotonic", lambda: now[0])
    for _ in range(4):
        now[0] += 2.5
        stream.recv(_webcam_frame(["mask"]))
    assert stream.snapshot().fps == pytest.approx(0.4)


def test_mirror_turns_the_picture_before_it_is_read(predictor):
    plain, mirrored = LiveStream(predictor), LiveStream(predictor, mirror=True)
    frame = _webcam_frame(["mask"], seed=3)
    plain.recv(frame)
    mirrored.recv(frame)
    here, there = plain.snapshot().people[0].reading.box, mirrored.snapshot().people[0].reading.box
    assert there[0] == pytest.approx(640 - here[2], abs=12)


def test_a_failure_is_shown_not_raised_and_passes(predictor, monkeypatch, caplog):
    stream = LiveStream(predictor)
    with monkeypatch.context() as broken:
        broken.setattr(predictor, "probabilities", lambda crops: 1 / 0)
        for _ in range(3):
            shown = stream.recv(_webcam_frame(["mask"]))
    now = stream.snapshot()
    assert "division by zero" in now.error
    assert now.people == ()
    assert shown.to_ndarray(format="rgb24")[-4:].mean() < 120
    assert len(caplog.records) == 1
    stream.recv(_webcam_frame(["mask"]))
    assert stream.snapshot().error is None


def test_even_an_unreadable_frame_is_answered(predictor):
    stream, frame = LiveStream(predictor), object()
    assert stream.recv(frame) is frame
    assert stream.snapshot().error


def test_four_viewers_are_all_served_and_the_fifth_is_refused_in_a_sentence(predictor):
    shared = Engine(4)
    streams = [LiveStream(predictor, shared=shared) for _ in range(4)]

    def watch(stream):
        # PyAV keeps a converter in each frame, which two threads must not use at once.
        frame = _webcam_frame(["mask", "no_mask"])
        for _ in range(6):
            stream.recv(frame)

    together(lambda stream=stream: watch(stream) for stream in streams)
    assert [len(stream.snapshot().people) for stream in streams] == [2] * 4
    fifth = LiveStream(predictor, shared=shared)
    frame = _webcam_frame(["mask", "no_mask"])
    shown = fifth.recv(frame)
    assert "4 viewers are watching" in fifth.snapshot().error
    assert shown.to_ndarray(format="rgb24")[-4:].mean() < 120
    streams[0].leave()
    fifth.recv(frame)
    assert fifth.snapshot().error is None


def test_a_huge_picture_of_one_viewer_keeps_nobody_else_from_being_served(predictor):
    shared = Engine(2)
    slow, quick = LiveStream(predictor, shared=shared), LiveStream(predictor, shared=shared)
    huge = av.VideoFrame.from_ndarray(np.zeros((4000, 6000, 3), np.uint8), format="rgb24")
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            slow.recv(huge)

    flooding = threading.Thread(target=flood)
    flooding.start()
    for _ in range(10):
        quick.recv(_webcam_frame(["mask"]))
    stop.set()
    flooding.join()
    assert quick.snapshot().frames >= 5
    assert len(quick.snapshot().people) == 1


def test_who_is_served_late_is_shown_what_was_found_last(predictor, monkeypatch):
    monkeypatch.setattr("core.live.stream._PATIENCE", 0.0)
    stream = LiveStream(predictor)

    def people():
        stream.recv(_webcam_frame(["mask", "no_mask"]))
        return stream.snapshot().people

    assert len(wait_for(people)) == 2
    assert stream.snapshot().frames >= 1


def test_a_failing_viewer_leaves_the_others_alone(predictor, tmp_path, monkeypatch):
    broken = Predictor(tiny_model(tmp_path / "other.pth"))
    monkeypatch.setattr(broken, "probabilities", lambda crops: 1 / 0)
    shared = Engine(2)
    bad, good = LiveStream(broken, shared=shared), LiveStream(predictor, shared=shared)
    for _ in range(3):
        bad.recv(_webcam_frame(["mask"]))
        good.recv(_webcam_frame(["mask"]))
    assert "division by zero" in bad.snapshot().error
    assert good.snapshot().error is None
    assert good.snapshot().frames == 3


def test_who_sends_nothing_for_ten_seconds_gives_the_place_back(predictor, monkeypatch):
    shared = Engine(1)
    gone, next_one = LiveStream(predictor, shared=shared), LiveStream(predictor, shared=shared)
    gone.recv(_webcam_frame(["mask"]))
    gone._viewer.heard -= GONE_SECONDS + 1
    assert shared.viewers == 0
    next_one.recv(_webcam_frame(["mask"]))
    assert next_one.snapshot().error is None


def test_what_is_called_after_each_frame_may_fail(predictor, caplog):
    stream, told = LiveStream(predictor), []
    stream.listeners = (lambda people, rgb, at: told.append((len(people), rgb.shape)) or 1 / 0,)
    for _ in range(3):
        stream.recv(_webcam_frame(["mask"]))
    wait_for(lambda: len(told) == 3)
    assert told == [(1, (480, 640, 3))] * 3
    assert stream.snapshot().error is None


def test_the_worker_ends_when_nobody_watches(predictor):
    shared = Engine(2)
    stream = LiveStream(predictor, shared=shared)
    stream.recv(_webcam_frame(["mask"]))
    stream.leave()
    wait_for(lambda: shared._thread is None)
    stream.recv(_webcam_frame(["mask"]))
    assert stream.snapshot().frames == 2


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_wrong_number_of_viewers_is_refused(text):
    with pytest.raises(UserError, match="MASKLAB_VIEWERS"):
        most_viewers(text)


@pytest.mark.parametrize("text", [None, "", "  ", "[]"])
def test_no_ice_servers_by_default(text):
    assert ice_servers(text) == []


def test_ice_servers_by_comma_and_json():
    assert ice_servers("stun:a:3478, stun:b") == [{"urls": ["stun:a:3478"]}, {"urls": ["stun:b"]}]
    turn = '[{"urls": "turn:c", "username": "u", "credential": "p"}, "stun:d"]'
    assert ice_servers(turn) == [{"urls": ["turn:c"], "username": "u", "credential": "p"}, {"urls": ["stun:d"]}]


@pytest.mark.parametrize(
    "text", ["http://a", "[{", "{}", '[{"url": "stun:a"}]', "[3]", "turn:a", '[{"urls": [1]}]', '[{"urls": []}]']
)
def test_a_bad_ice_setting_is_a_sentence_that_names_it(text):
    with pytest.raises(UserError, match="MASKLAB_ICE_SERVERS"):
        ice_servers(text)
