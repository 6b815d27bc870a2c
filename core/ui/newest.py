"""Keep a webcam's picture up to date on a machine that cannot keep up: old frames are dropped, not queued."""

from __future__ import annotations

from functools import partial

import streamlit as st
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc.relay import get_global_relay


@st.cache_resource(show_spinner=False)
def drop_old_frames() -> None:
    """Once a server, before the first stream: its relay hands on the newest frame of each camera only."""
    newest_only(get_global_relay())


def newest_only(relay: MediaRelay) -> None:
    """streamlit-webrtc's relay queues every frame until it was encoded and sent. Where that takes longer than the
    camera's pause between two frames, delay and memory grow for as long as the stream lasts."""
    relay.subscribe = partial(relay.subscribe, buffered=False)  # type: ignore[method-assign]
