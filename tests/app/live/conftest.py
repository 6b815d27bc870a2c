"""A small network and a patched player for the tests of the Live page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.schema.labels import TWO_CLASSES
from core.store import paths
from tests.fixtures.live_fixtures import tiny_model


@pytest.fixture
def model(own_home):
    return tiny_model(paths.models_dir() / "small.pth", TWO_CLASSES)


@pytest.fixture
def player(monkeypatch):
    """Stands in for the WebRTC player: keeps what the page asks of it; `playing` can be set."""
    asked = SimpleNamespace(playing=False, signalling=False, arguments={})

    def webrtc_streamer(**arguments):
        asked.arguments = arguments
        return SimpleNamespace(state=SimpleNamespace(playing=asked.playing, signalling=asked.signalling))

    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", webrtc_streamer)
    monkeypatch.setattr("core.ui.live.view.mend", lambda: None)
    monkeypatch.setattr(paths, "STARTER_FILE", paths.home() / "no_starter.pth")
    return asked
