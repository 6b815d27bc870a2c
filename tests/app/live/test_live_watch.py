"""Watch mode on the Live page by AppTest: switches, events in the list and the CSV, thumbnails, and the webhook."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from core.inference.predictor import Reading
from core.live.tracked_person import Followed, State
from core.live.watch import thumbnails
from core.live.watch.events import Watch
from core.schema.labels import Label
from core.store import paths
from core.text.markup import plain
from tests.app.conftest import words
from tests.fixtures.live_fixtures import tiny_model

PICTURE = np.zeros((48, 64, 3), np.uint8)


@pytest.fixture
def stream(own_home, monkeypatch):
    """The stream that the page gives to a player that plays."""
    tiny_model(paths.models_dir() / "small.pth")
    asked = SimpleNamespace()

    def webrtc_streamer(**arguments):
        asked.callback = arguments["video_frame_callback"]
        return SimpleNamespace(state=SimpleNamespace(playing=True))

    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", webrtc_streamer)
    monkeypatch.setattr("core.ui.live.view.mend", lambda: None)
    monkeypatch.setattr(paths, "STARTER_FILE", paths.home() / "no_starter.pth")
    # AppTest has no address to say whether the page is open on the server's own machine.
    monkeypatch.setattr("core.ui.live.view._here", lambda: True)
    return lambda: asked.callback.__self__


def _stand_there(stream, seconds: float, number: int = 1) -> None:
    """Someone without a mask stands before the camera."""
    reading = Reading((10, 10, 30, 40), Label.NO_MASK, 0.9, {Label.NO_MASK: 0.9})
    for tenth in range(round(10 * seconds) + 1):
        stream.listeners[0]((Followed(number, reading, State.LABELLED, 0.0),), PICTURE, tenth / 10)


def _watches(stream) -> bool:
    return any(isinstance(listener, Watch) for listener in stream.listeners)


def _html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def _watching(page):
    app = page("5_Live.py")
    return app.toggle(key="live_watch_on").set_value(True).run()


def test_watch_mode_is_off_at_first_and_says_what_it_stores(page, stream):
    app = page("5_Live.py")
    assert not _watches(stream())
    app = app.toggle(key="live_watch_on").set_value(True).run()
    assert "nothing about a face is stored" in words(app)
    assert "Nobody stayed" in _html(app)
    app.toggle(key="live_watch_on").set_value(False).run()
    assert not _watches(stream())


def test_an_event_is_in_the_list_and_can_be_cleared(page, stream):
    app = _watching(page)
    app.number_input(key="live_watch_seconds").set_value(2).run()
    _stand_there(stream(), 1.5)
    assert "Nobody stayed" in _html(app.run())
    _stand_there(stream(), 3.0)
    app.run()
    assert _html(app).count('class="event"') == 1 and "no mask" in _html(app)
    assert app.get("download_button")
    app.button(key="live_events_clear").click().run()
    assert 'class="event"' not in _html(app)


def test_a_new_event_beeps_once_and_only_when_asked(page, stream):
    app = _watching(page)
    _stand_there(stream(), 6.0)
    assert not app.run().get("audio")
    app.toggle(key="live_watch_sound").set_value(True).run()
    assert not app.get("audio")
    _stand_there(stream(), 6.0, number=2)
    assert app.run().get("audio")[0].proto.autoplay


def test_thumbnails_are_kept_only_when_asked_and_deletion_asks_first(page, stream, own_home):
    app = _watching(page)
    _stand_there(stream(), 6.0)
    assert thumbnails.stored() == []
    app.toggle(key="live_watch_thumbnails").set_value(True).run()
    assert "6 x 6 pixels" in words(app)
    _stand_there(stream(), 6.0, number=2)
    assert len(thumbnails.stored()) == 1
    app.run()
    assert "data:image/png" in _html(app)
    app.button(key="live_thumbnails_delete").click().run()
    app.button(key="live_thumbnails_no").click().run()
    assert len(thumbnails.stored()) == 1
    app.button(key="live_thumbnails_delete").click().run()
    assert len(thumbnails.stored()) == 1
    app.button(key="live_thumbnails_yes").click().run()
    assert thumbnails.stored() == []


def test_a_webhook_that_cannot_be_is_a_sentence_and_watching_goes_on(page, stream, monkeypatch):
    app = _watching(page)
    app.text_input(key="live_webhook").set_value("ftp://example.org").run()
    assert plain("http://") in app.warning[0].value
    app.text_input(key="live_webhook").set_value("https://example.org/door").run()
    assert not app.warning
    assert stream().listeners[0].webhook.url == "https://example.org/door"
    app.text_input(key="live_webhook").set_value("").run()
    assert stream().listeners[0].webhook is None
    monkeypatch.setenv("MASKLAB_WEBHOOK", "http://door.example/in?key=secret")
    app.run()
    assert "door.example" in words(app) and "secret" not in words(app)
    assert stream().listeners[0].webhook
