"""The webcam callback labels, measures itself and never raises; the ICE setting is read or refused in a sentence."""

from __future__ import annotations

import time

import av
import numpy as np
import pytest

from core.data.demo import draw_scene
from core.errors import UserError
from core.live.ice import ice_servers
from core.live.predictor import Predictor
from core.live.stream import LiveStream
from tests.live_fixtures import tiny_model


@pytest.fixture
def predictor(tmp_path):
    return Predictor(tiny_model(tmp_path / "m.pth"))


def _webcam_frame(labels, seed=1):
    image, _ = draw_scene(labels, np.random.default_rng(seed))
    return av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")


def test_a_frame_comes_back_labelled_and_measured(predictor):
    stream = LiveStream(predictor)
    assert stream.snapshot().age_s is None
    for _ in range(4):
        labelled = stream.recv(_webcam_frame(["mask", "no_mask"]))
    now = stream.snapshot()
    assert (labelled.width, labelled.height) == (640, 480)
    assert len(now.readings) == 2
    assert now.frames == 4
    assert now.fps > 0
    assert now.latency_ms > 0
    assert now.error is None
    assert now.age_s < 2


def test_the_rate_falls_to_nothing_when_frames_stop(predictor, monkeypatch):
    stream = LiveStream(predictor)
    for _ in range(3):
        stream.recv(_webcam_frame(["mask"]))
    late = time.monotonic() + 5
    monkeypatch.setattr("core.live.stream.time.monotonic", lambda: late)
    now = stream.snapshot()
    assert (now.fps, now.latency_ms) == (0, 0)
    assert now.age_s > 4


def test_mirror_turns_the_picture_before_it_is_read(predictor):
    plain, mirrored = LiveStream(predictor), LiveStream(predictor, mirror=True)
    frame = _webcam_frame(["mask"], seed=3)
    plain.recv(frame)
    mirrored.recv(frame)
    here, there = plain.snapshot().readings[0].box, mirrored.snapshot().readings[0].box
    assert there[0] == pytest.approx(640 - here[2], abs=12)


def test_a_failure_is_shown_not_raised_and_passes(predictor, monkeypatch, caplog):
    stream = LiveStream(predictor)
    with monkeypatch.context() as broken:
        broken.setattr(predictor, "probabilities", lambda crops: 1 / 0)
        for _ in range(3):
            shown = stream.recv(_webcam_frame(["mask"]))
    now = stream.snapshot()
    assert "division by zero" in now.error
    assert now.readings == ()
    assert shown.to_ndarray(format="rgb24")[-4:].mean() < 120
    assert len(caplog.records) == 1
    stream.recv(_webcam_frame(["mask"]))
    assert stream.snapshot().error is None


def test_even_an_unreadable_frame_is_answered(predictor):
    stream, frame = LiveStream(predictor), object()
    assert stream.recv(frame) is frame
    assert stream.snapshot().error


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
