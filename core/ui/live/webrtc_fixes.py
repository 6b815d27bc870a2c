"""What streamlit-webrtc does otherwise than a webcam needs: it queues old frames, and ends some streams that have
just begun. Both are private parts of the version that requirements.txt pins."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc import component
from streamlit_webrtc.relay import get_global_relay

from core.ui.common import visits


@st.cache_resource(show_spinner=False)
def mend() -> None:
    """Once a server, before the first stream."""
    newest_only(get_global_relay())
    count_visits()


def newest_only(relay: MediaRelay) -> None:
    """streamlit-webrtc's relay queues every frame until it was encoded and sent. Where that takes longer than the
    camera's pause between two frames, delay and memory grow for as long as the stream lasts."""
    relay.subscribe = partial(relay.subscribe, buffered=False)  # type: ignore[method-assign]


def count_visits() -> None:
    """Let streamlit-webrtc end a stream when its page was left, and not when a run began a little early."""
    component.get_script_run_count = _clock  # type: ignore[attr-defined, assignment]


def _clock(session: Any) -> int:
    """Steps by two with each visit to a page, and stands still from run to run on it.

    streamlit-webrtc ends a stream when this clock has gone on by more than one since the player was last drawn: its
    page was left meanwhile, and the player that is drawn now is a new one. Its own clock counts a run once the run's
    last message was sent. A run that begins before that (the offer, each ICE candidate and the start of the video all
    come within a few hundredths of a second) reads the old time; the next one finds two more, and ends a stream that
    has just begun.
    """
    return 2 * visits.count()
