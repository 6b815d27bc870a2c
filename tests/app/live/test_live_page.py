"""The Live page by AppTest: empty state, webcam with a patched player, clip and photo uploads, and its errors."""

from __future__ import annotations

import io
import re
import threading
from dataclasses import replace

import av
import numpy as np
import pytest

from core.data.synthetic.demo import draw_scene, make_clip
from core.inference.predictor import Predictor
from core.live.engine import Engine
from core.live.stream import join
from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.schema.labels import TWO_CLASSES
from core.text.markup import plain
from tests.app.conftest import LOADING, words
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.result_fixtures import changed, measured, reported
from tests.fixtures.support import wait_for


def _everything(app) -> str:
    return words(app) + "\n".join(element.proto.body for element in app.get("html"))


def _webcam_frame():
    image, _ = draw_scene(["mask"], np.random.default_rng(1))
    return av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")


def test_without_a_network_it_says_what_to_do(page, player):
    app = page("5_Live.py")
    assert "no trained network yet" in words(app)
    assert app.get("page_link")
    assert not player.arguments


def test_the_webcam_is_asked_for_little_and_without_a_server(page, player, model):
    app = page("5_Live.py")
    assert player.arguments["rtc_configuration"] == {"iceServers": []}
    assert player.arguments["media_stream_constraints"]["video"]["width"] == {"ideal": 640}
    assert "audio" not in player.arguments["media_stream_constraints"]
    assert "START" in words(app)
    assert "was not trained on wrong_mask" in words(app)


def test_a_threshold_that_lets_many_pass_says_what_it_costs(page, player, model):
    trained = checkpoint.load(model)
    test = measured(TWO_CLASSES, 200)
    door = changed(
        test.operating, miss_rate=0.79, misses=79, violators=100, compliant=100, miss_interval=(0.7, 0.86)
    )  # fmt: skip
    report = reported(TWO_CLASSES, test=changed(test, confusion=((93, 7), (8, 92)), operating=door))
    checkpoint.save(model, replace(trained, operating_point=OperatingPoint(0.004), report=report))
    app = page("5_Live.py")
    assert "Pass at ≥ 0.4\N{NO-BREAK SPACE}% mask" in words(app)
    (warning,) = app.warning
    assert "79 of 100" in warning.value and "let 8 of them pass" in warning.value


def test_readings_rate_and_latency_are_shown_while_it_plays(page, player, model):
    app = page("5_Live.py")
    player.playing = True
    app.run()
    assert "Waiting for the camera" in words(app)
    for _ in range(3):
        player.arguments["video_frame_callback"](_webcam_frame())
    app.run()
    assert 'class="reading"' in _everything(app)
    latency = re.search(r"frames/s · (\d+) ms latency", words(app))
    assert latency and int(latency[1]) > 0


def test_a_broken_frame_is_told_not_raised(page, player, model, monkeypatch):
    app = page("5_Live.py")
    player.playing = True
    player.arguments["video_frame_callback"](object())
    app.run()
    assert not app.exception
    assert "not labelled" in app.error[0].value


def test_while_a_network_is_loaded_the_camera_s_picture_is_shown_with_a_note(page, player, model, monkeypatch):
    release = threading.Event()

    def slowly(path, exact):
        release.wait()
        return Predictor(path)

    monkeypatch.setattr("core.inference.predictor.Predictor", slowly)
    app = page("5_Live.py", wait=False)
    assert LOADING in words(app)
    frame = _webcam_frame()
    shown = player.arguments["video_frame_callback"](frame).to_ndarray(format="rgb24")
    foot, rest = np.split(np.abs(shown.astype(int) - frame.to_ndarray(format="rgb24")[:, ::-1]), [-40])[::-1]
    assert foot.max() > 100 and rest.max() < 30, "mirrored, with a note across its foot"
    release.set()
    wait_for(lambda: LOADING not in words(app.run()))
    assert "Pass at" in words(app)


def test_a_broken_file_is_read_once_and_the_loaded_network_goes_on_meanwhile(page, player, model, monkeypatch):
    app = page("5_Live.py")
    running, read, release = player.arguments["video_frame_callback"], [], threading.Event()

    def slowly(path, exact):
        read.append(path)
        release.wait()
        return Predictor(path)

    monkeypatch.setattr("core.inference.predictor.Predictor", slowly)
    model.write_bytes(b"no longer a model")
    assert LOADING in words(app.run())
    assert player.arguments["video_frame_callback"] == running
    release.set()
    wait_for(lambda: LOADING not in words(app.run()))
    for _ in range(3):
        assert "goes on as it was loaded before" in words(app.run())
        assert player.arguments["video_frame_callback"] == running
    assert read == [model]


def test_another_network_takes_over_the_running_picture(page, player, model):
    app = page("5_Live.py")
    first = player.arguments["video_frame_callback"]
    tiny_model(model.with_name("other.pth"))
    app.run()
    app.selectbox(key="live_model").select("other.pth")
    wait_for(lambda: LOADING not in words(app.run()))
    assert player.arguments["video_frame_callback"] != first
    assert "was not trained on" not in words(app)
    again = player.arguments["video_frame_callback"]
    app.toggle(key="live_mirror").set_value(False).run()
    assert player.arguments["video_frame_callback"] == again
    assert not again.__self__.mirror


def test_a_network_whose_file_breaks_goes_on_as_it_was_loaded(page, player, model):
    app = page("5_Live.py")
    running = player.arguments["video_frame_callback"]
    model.write_bytes(b"no longer a model")
    app.run()
    assert "goes on as it was loaded" in app.warning[0].value and "small.pth" in app.warning[0].value
    assert player.arguments["video_frame_callback"] == running
    model.unlink()
    app.run()
    assert "gone from models/" in app.warning[0].value
    assert player.arguments["video_frame_callback"] == running


def test_who_finds_no_place_is_told_politely_and_may_try_again(page, player, model, monkeypatch):
    monkeypatch.setattr("core.live.engine._engine", Engine(1))
    others = join(Predictor(model))
    app = page("5_Live.py")
    assert "wait until one leaves" in app.info[0].value and "Try again" in [button.label for button in app.button]
    assert not player.arguments and not app.error
    others.leave()
    app.button(key="live_again").click().run()
    assert player.arguments


def test_who_starts_has_room_although_the_first_frames_have_taken_it(page, player, model, monkeypatch):
    monkeypatch.setattr("core.live.engine._engine", Engine(1))
    app = page("5_Live.py")
    player.signalling = True
    # Frames come before the browser says that it plays.
    player.arguments["video_frame_callback"](_webcam_frame())
    player.arguments = {}
    app.run()
    assert player.arguments and not app.info


def test_the_place_is_free_as_soon_as_the_video_ends(page, player, model, monkeypatch):
    monkeypatch.setattr("core.live.engine._engine", Engine(1))
    page("5_Live.py")
    player.arguments["video_frame_callback"](_webcam_frame())
    player.arguments["on_video_ended"]()
    join(Predictor(model))


def test_the_servers_that_are_set_are_shown_without_their_password(page, player, model, monkeypatch):
    entry = '[{"urls": "turn:example.org", "username": "me", "credential": "secret"}]'
    monkeypatch.setenv("MASKLAB_ICE_SERVERS", entry)
    text = words(page("5_Live.py"))
    assert f"Set now: **{plain('turn:example.org')}**" in text and "secret" not in text


@pytest.mark.parametrize("servers", ["http://x", "[{"])
def test_a_bad_ice_setting_is_a_sentence(page, player, model, monkeypatch, servers):
    monkeypatch.setenv("MASKLAB_ICE_SERVERS", servers)
    assert "MASKLAB_ICE_SERVERS" in page("5_Live.py").error[0].value


def test_a_damaged_network_is_a_sentence(page, player, model):
    model.write_bytes(b"no longer a model")
    app = page("5_Live.py")
    assert "small.pth" in app.error[0].value
    assert app.selectbox(key="live_model").value == "small.pth"


def _choose(app, way: str):
    return app.segmented_control(key="live_way").set_value(way).run()


def test_a_clip_is_labelled_and_played_back(page, player, model, tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", (("no_mask", 1.0),), fps=5, seed=3)
    app = _choose(page("5_Live.py"), "Clip")
    app.file_uploader(key="live_clip_file").set_value(("clip.mp4", clip.read_bytes(), "video/mp4")).run()
    app.button[0].click().run()
    assert not app.exception
    assert "A face was found in 5 of 5 frames. 5 sightings of 1 person: " in words(app)
    assert app.get("video")
    assert app.get("plotly_chart")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("words.mp4", b"words, not a clip", "words.mp4 is neither"), ("photo.mp4", None, "single picture")],
)
def test_a_clip_that_is_none_is_a_sentence(page, player, model, name, content, says):
    app = _choose(page("5_Live.py"), "Clip")
    app.file_uploader(key="live_clip_file").set_value((name, content or _photo(), "video/mp4")).run()
    app.button[0].click().run()
    assert not app.exception
    assert says in app.error[0].value


def test_a_long_clip_is_refused_before_it_is_labelled(page, player, model, tmp_path, monkeypatch):
    monkeypatch.setattr("core.ui.live.uploads.CLIP_SECONDS", 1)
    clip = make_clip(tmp_path / "clip.mp4", (("no_mask", 3.0),), size=(160, 120), fps=2)
    app = _choose(page("5_Live.py"), "Clip")
    app.file_uploader(key="live_clip_file").set_value(("clip.mp4", clip.read_bytes(), "video/mp4")).run()
    app.button[0].click().run()
    assert "lasts 3 s" in app.error[0].value


def _photo() -> bytes:
    memory = io.BytesIO()
    draw_scene(["mask", "no_mask"], np.random.default_rng(1))[0].save(memory, "JPEG")
    return memory.getvalue()


def test_a_photo_is_labelled_face_by_face(page, player, model):
    app = _choose(page("5_Live.py"), "Photo")
    app.file_uploader(key="live_photo").set_value(("two.jpg", _photo(), "image/jpeg")).run()
    assert not app.exception
    tags = re.findall(r'class="reading".*?>(\d) · ', _everything(app))
    assert tags == ["1", "2"]


def test_a_broken_photo_is_a_sentence(page, player, model):
    app = _choose(page("5_Live.py"), "Photo")
    app.file_uploader(key="live_photo").set_value(("half.jpg", _photo()[:900], "image/jpeg")).run()
    assert "half.jpg cannot be used" in app.error[0].value
