"""The Live page: choose a network, then a webcam, a clip or a photo, and see every face labelled."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st
import streamlit_webrtc

from core.live.ice import SETTING, ice_servers
from core.live.predictor import Predictor
from core.live.stream import LiveStream
from core.ui import live_uploads, readings
from core.ui.models import pick_model
from core.ui.page import label_badge

_CAMERA = {"video": {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 15}}}
_STALE_SECONDS = 3.0
_TEXTS = {
    "device_ask_permission": "The browser asks whether this page may use the camera: allow it.",
    "device_access_denied": "The browser refused the camera. Allow it beside the address, then reload the page.",
    "device_not_available": "No camera was found. Plug one in and reload, or use a clip or a photo instead.",
    "media_api_not_available": "This address gets no camera: browsers give it to https and localhost only.",
}
_HELP = f"""
- **NotAllowedError**: click the camera or lock symbol beside the address, allow the camera, reload the page.
- **NotFoundError**: plug a camera in and reload, or use a clip or a photo.
- **NotReadableError**: close other programs that use the camera (video calls), reload.
- **The address begins with http and is not localhost**: browsers give the camera to https and localhost only.
- **Camera on, but no picture comes back?** The network between this browser and the server blocks video:
  start Mask Lab with `{SETTING}` set to a STUN or TURN server.
"""


def show() -> None:
    """The whole page below its title. Raises UserError for a model file or setting that can't be used."""
    predictor = pick_model("live_model")
    if predictor is None:
        return
    known = " ".join(label_badge(label) for label in predictor.labels)
    st.html(f'<p style="margin:0">It tells apart: {known}</p>')
    if len(predictor.labels) == 2:
        st.caption("It never learnt wrong_mask: a mask under the nose gets one of these two labels all the same.")
    st.caption(_door(predictor))
    ways = {"Webcam": _webcam, "Clip": live_uploads.clip, "Photo": live_uploads.photo}
    way = st.segmented_control("Look at", tuple(ways), default="Webcam", required=True, key="live_way")
    ways[way](predictor)


def _door(predictor: Predictor) -> str:
    point = predictor.operating_point
    return (
        f"**Pass** from a mask probability of {100 * point.threshold:.0f} % on, else **stop**: chosen on validation "
        f"photos to stop at most {100 * point.target:.0f} % of people who wear their mask well."
    )


def _webcam(predictor: Predictor) -> None:
    servers = ice_servers(os.environ.get(SETTING))
    player, beside = st.columns([3, 2], gap="medium")
    with player:
        if not _camera_allowed(st.context.url):
            st.warning(_TEXTS["media_api_not_available"] + " Use a clip or a photo instead.", icon=":material/lock:")
        stream = _stream(predictor)
        stream.mirror = st.toggle("Mirror the picture", value=True, key="live_mirror")
        context = streamlit_webrtc.webrtc_streamer(
            key="live_webcam",
            mode=streamlit_webrtc.WebRtcMode.SENDRECV,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints=_CAMERA,
            video_frame_callback=stream.recv,
            translations=_TEXTS,
        )
        with st.expander("No picture, or an error above?", icon=":material/help:"):
            st.markdown(_HELP)
    playing = context.state.playing
    with beside:
        st.fragment(_readout, run_every=0.5 if playing else None)(stream, playing)


def _stream(predictor: Predictor) -> LiveStream:
    """This viewer's stream; a new one when another network is chosen, also while the camera runs."""
    kept = st.session_state.get("live_stream")
    if kept is None or kept[0] is not predictor:
        kept = st.session_state["live_stream"] = (predictor, LiveStream(predictor))
    return kept[1]


def _camera_allowed(url: str | None) -> bool:
    address = urlsplit(url or "")
    return address.scheme != "http" or address.hostname in ("localhost", "127.0.0.1", "::1")


def _readout(stream: LiveStream, playing: bool) -> None:
    now = stream.snapshot()
    if not playing:
        st.markdown("Press **START** below the picture. Video is labelled on this server and not kept.")
        return
    if now.age_s is None or now.age_s > _STALE_SECONDS:
        st.markdown("Waiting for the camera's picture … If it does not come, open the help below the player.")
        return
    if now.error:
        st.error(f"This frame could not be labelled ({now.error}).")
    else:
        readings.show(now.people)
    with st.container(horizontal=True, gap="medium"):
        st.metric("Faces", len(now.people), width="content")
        st.metric("Frames/s", f"{now.fps:.1f}", width="content", help="Labelled by the server; mean of 2 s.")
        st.metric("Latency", f"{now.latency_ms:.0f} ms", width="content", help="To find and label a frame's faces.")
