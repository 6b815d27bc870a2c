"""Live's "This is wrong", and its switches for faces that are kept by themselves, by AppTest: which face is kept, in
which dataset, and that nothing is before it was said."""

from __future__ import annotations

import io
import time
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from core.data.collect import face_crop, new_dataset
from core.data.collect.inbox import crops
from core.data.synthetic.demo import draw_scene
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label
from core.store import paths
from tests.app.conftest import words
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.support import wait_for


@pytest.fixture
def datasets(own_home: Path) -> list[Path]:
    tiny_model(paths.models_dir() / "small.pth")
    return [new_dataset.make("first", TWO_CLASSES), new_dataset.make("second", THREE_CLASSES)]


@pytest.fixture
def player(monkeypatch) -> SimpleNamespace:
    """Stands in for the WebRTC player, which plays."""
    asked = SimpleNamespace(callback=None)

    def webrtc_streamer(**arguments):
        asked.callback = arguments["video_frame_callback"]
        return SimpleNamespace(state=SimpleNamespace(playing=True, signalling=False))

    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", webrtc_streamer)
    monkeypatch.setattr("core.ui.live.view.mend", lambda: None)
    monkeypatch.setattr(paths, "STARTER_FILE", paths.home() / "no_starter.pth")
    return asked


def _scene(seed: int = 1) -> Image.Image:
    return draw_scene(["no_mask", "mask"], np.random.default_rng(seed))[0]


def _kept(folders: list[Path]) -> list[str]:
    return [file for folder in folders for file in crops.content(folder)]


def test_the_face_that_was_told_of_is_kept_with_the_label_that_somebody_gave(page, player, datasets):
    app = page("5_Live.py")
    frame = np.asarray(_scene())
    app.toggle(key="live_mirror").set_value(False).run()
    stream = player.callback.__self__

    def seen():
        player.callback(av.VideoFrame.from_ndarray(frame, format="rgb24"))
        return stream.snapshot().people

    person = wait_for(seen)[0]
    app.run()
    app.button(key="live_wrong_1").click().run()
    # The camera goes on: who is in the picture now is not who was said to be wrong.
    player.callback(av.VideoFrame.from_ndarray(np.zeros_like(frame), format="rgb24"))
    app.run()
    assert "Only when you press a label is a picture kept" in words(app) and _kept(datasets) == []
    app.button(key="live_wrong_no_mask").click().run()
    assert not app.exception and "Kept in the inbox of first as ✕ no_mask" in app.toast[0].value
    (crop,) = crops.read(datasets[0])
    assert crop.group == f"{stream.name}-1" and crop.source == "live" and crop.note.network == "small.pth"
    assert (crop.note.label, crop.note.guess) == (Label.NO_MASK, person.reading.label)
    shown = np.asarray(Image.open(datasets[0] / crop.file), int)
    own = np.asarray(Image.open(io.BytesIO(face_crop.jpeg(frame, person.reading.box))), int)
    assert shown.shape == own.shape and np.abs(shown - own).max() <= 2
    assert "Only when you press" not in words(app), "it was answered"


def _photo() -> bytes:
    memory = io.BytesIO()
    _scene().save(memory, "JPEG")
    return memory.getvalue()


def test_a_face_of_a_photo_goes_into_the_dataset_that_is_chosen(page, player, datasets):
    app = page("5_Live.py")
    app.segmented_control(key="live_way").set_value("Photo").run()
    app.file_uploader(key="live_photo").set_value(("two.jpg", _photo(), "image/jpeg")).run()
    for number, label in ((1, "wrong_mask"), (2, "mask")):
        app.button(key=f"live_wrong_{number}").click().run()
        app.selectbox(key="live_wrong_dataset").select(str(datasets[1])).run()
        app.button(key=f"live_wrong_{label}").click().run()
    assert not app.exception and crops.content(datasets[0]) == []
    kept = crops.read(datasets[1])
    assert {crop.note.label for crop in kept} == {Label.WRONG_MASK, Label.MASK}
    assert {crop.group.rsplit("-", 1)[1] for crop in kept} == {"1", "2"}
    assert {crop.source for crop in kept} == {"live"}


def test_never_mind_keeps_nothing_and_a_damaged_inbox_is_a_sentence(page, player, datasets):
    app = page("5_Live.py")
    app.segmented_control(key="live_way").set_value("Photo").run()
    app.file_uploader(key="live_photo").set_value(("two.jpg", _photo(), "image/jpeg")).run()
    app.button(key="live_wrong_1").click().run()
    app.button(key="live_wrong_end").click().run()
    assert _kept(datasets) == [] and "Which label is right?" not in words(app)
    (datasets[0] / "inbox.csv").write_text("no table\n")
    app.button(key="live_wrong_1").click().run()
    app.button(key="live_wrong_mask").click().run()
    assert not app.exception and "Not kept" in app.toast[0].value and _kept(datasets) == []


def test_without_a_dataset_it_says_what_to_do(page, player, own_home):
    tiny_model(paths.models_dir() / "small.pth")
    app = page("5_Live.py")
    app.segmented_control(key="live_way").set_value("Photo").run()
    app.file_uploader(key="live_photo").set_value(("two.jpg", _photo(), "image/jpeg")).run()
    app.button(key="live_wrong_1").click().run()
    assert "make one on the Data page first" in words(app)


def test_unsure_faces_are_kept_while_that_is_switched_on_and_no_longer(page, player, datasets):
    app = page("5_Live.py")
    stream, frame = player.callback.__self__, np.asarray(_scene())

    def seconds(wanted: float) -> None:
        """Frames of an untrained network's answers, which are near a tie, for so long on the stream's clock."""
        began = time.monotonic()
        while time.monotonic() - began < wanted:
            player.callback(av.VideoFrame.from_ndarray(frame, format="rgb24"))

    assert "Keeping unsure faces" not in words(app)
    seconds(1.5)
    assert _kept(datasets) == []
    app.toggle(key="live_keep_unsure").set_value(True).run()
    app.selectbox(key="live_keep_dataset").select(str(datasets[1])).run()
    seconds(1.5)
    wait_for(lambda: len(_kept([datasets[1]])) == 2)
    app.run()
    assert "Keeping unsure faces in the inbox of second: 2 so far." in words(app) and not app.exception
    assert {(crop.source, crop.note.label) for crop in crops.read(datasets[1])} == {("live, unsure", None)}
    assert {crop.group for crop in crops.read(datasets[1])} == {f"{stream.name}-1", f"{stream.name}-2"}
    assert _kept([datasets[0]]) == []
    app.toggle(key="live_keep_unsure").set_value(False).run()
    assert "Keeping unsure faces" not in words(app)
