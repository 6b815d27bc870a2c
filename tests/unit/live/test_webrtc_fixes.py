"""A viewer who is slow gets the newest frame, not the next of a queue; a stream that has just begun goes on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import av
import pytest
import streamlit as st
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc import component
from streamlit_webrtc.component import WebRtcStreamerState

from core.ui.common import visits
from core.ui.live.webrtc_fixes import count_visits, newest_only


class Camera(MediaStreamTrack):
    """Gives the frames 0 to 9 at once, and then no more."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._next = 0

    async def recv(self) -> av.VideoFrame:
        if self._next == 10:
            await asyncio.Event().wait()
        frame = av.VideoFrame(16, 16)
        frame.pts, self._next = self._next, self._next + 1
        await asyncio.sleep(0)
        return frame


async def _second_frame(relay: MediaRelay) -> int:
    viewer = relay.subscribe(Camera())
    await viewer.recv()
    for _ in range(100):
        await asyncio.sleep(0)
    return (await viewer.recv()).pts


def test_a_slow_viewer_gets_the_newest_frame():
    relay = MediaRelay()
    assert asyncio.run(_second_frame(relay)) == 1
    newest_only(relay)
    assert asyncio.run(_second_frame(relay)) == 9


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A session whose `script_run_count` the test sets, as streamlit-webrtc reads it."""
    info = SimpleNamespace(script_run_count=0)
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(component, "get_this_session_info", lambda: info)
    monkeypatch.setattr(component, "get_script_run_count", component.get_script_run_count)
    count_visits()
    return info


def _drawn(session: SimpleNamespace, ended_runs: int, page: str = "Live") -> bool:
    """Whether the stream still plays when the player is drawn in a run that begins when so many runs were counted."""
    session.script_run_count = ended_runs
    visits.note(page)
    return component._get_or_create_context("player").state.playing


def test_a_stream_goes_on_when_a_run_begins_before_the_last_one_was_counted(session):
    _drawn(session, 5)
    st.session_state["player"]._set_state(WebRtcStreamerState(playing=True, signalling=False))
    assert _drawn(session, 5)
    assert _drawn(session, 7)


def test_a_stream_ends_when_its_page_was_left_and_opened_again(session):
    _drawn(session, 5)
    st.session_state["player"]._set_state(WebRtcStreamerState(playing=True, signalling=False))
    visits.note("Data")
    assert not _drawn(session, 6)
