"""The Live page: a webcam, a clip or a photo, with every face labelled, and watch mode."""

from __future__ import annotations

import os
from collections import Counter
from urllib.parse import urlsplit

import streamlit as st
import streamlit_webrtc
from streamlit.delta_generator import DeltaGenerator

from core.inference.predictor import Predictor
from core.live.engine import Full
from core.live.ice_servers import SETTING, ice_servers
from core.live.stream import LiveStream, LoadingStream, Snapshot
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, SYMBOLS
from core.text.markup import plain
from core.ui.common.model_picker import Picked, pick_model
from core.ui.live import about, camera_help, keep_faces, layout, wrong
from core.ui.live import uploads as live_uploads
from core.ui.live import watch as live_watch
from core.ui.live.webrtc_fixes import mend

_CAMERA = {"video": {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 15}}}
_STALE_SECONDS = 3.0
_LOCAL = ("localhost", "127.0.0.1", "::1")


def show() -> None:
    """The whole page below its title. Raises UserError for a model file or setting that can't be used."""
    line = layout.line()
    uploads = {"Clip": live_uploads.clip, "Photo": live_uploads.photo}
    with line:
        way = st.segmented_control("Source", ("Webcam", *uploads), default="Webcam", required=True, key="live_way")
        with st.container(width=240):
            picked = pick_model("live_model")
    if picked is None:
        return
    # Of one place whatever it holds: a browser loads a player that has moved anew, and its video ends.
    above = st.container()
    if way == "Webcam" and picked.loading:
        above.caption("The network is being loaded: some seconds the first time. The camera can be started meanwhile.")
        _webcam(picked.before, line)
        st.fragment(_until_loaded, run_every=0.3)(picked)
        return
    with above:
        predictor = picked.predictor()
    if way == "Webcam":
        _webcam(predictor, line)
    else:
        uploads[way](predictor)
    about.show(predictor)
    if way == "Webcam":
        camera_help.show(ice_servers(os.environ.get(SETTING)))


def _until_loaded(picked: Picked) -> None:
    """Draws the page anew once the network is there."""
    if not picked.loading:
        st.rerun()


def _webcam(predictor: Predictor | None, line: DeltaGenerator) -> None:
    """The player; None while the network is being loaded. Its settings go into the `line`."""
    mend()
    servers = ice_servers(os.environ.get(SETTING))
    stream = _stream(predictor)
    # The first frames take the place before the browser tells that it plays: this viewer's own place is room too.
    if not _room(stream):
        live_watch.stored()
        return
    with line:
        stream.mirror = st.toggle("Mirror", value=True, key="live_mirror", persist_state="session", width="content")
        watch = live_watch.switch()
        large = st.toggle("Large picture", key="live_large", persist_state="session", width="content")
    picture, beside = layout.stage(large)
    with picture:
        if not _camera_allowed(st.context.url):
            st.warning(camera_help.NO_CAMERA_HERE, icon=":material/lock:")
        context = streamlit_webrtc.webrtc_streamer(
            key="live_webcam",
            mode=streamlit_webrtc.WebRtcMode.SENDRECV,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints=_CAMERA,
            video_frame_callback=stream.recv,
            on_video_ended=stream.leave,
            translations=camera_help.TEXTS,
        )
    playing = context.state.playing
    if not playing and not context.state.signalling:
        stream.leave()
    # A fragment that writes more than when the page was drawn would write over what comes next: each has a container.
    with beside, st.container():
        st.fragment(_readout, run_every=0.5 if playing else None)(stream, playing)
    if watch:
        with beside:
            live_watch.panel(watch, playing, _here())
    live_watch.stored()
    if isinstance(stream, LiveStream):
        keep_faces.show(stream, watch)


def _stream(predictor: Predictor | None) -> LiveStream | LoadingStream:
    """This viewer's stream; a new one when another network is chosen or loaded, also while the camera runs."""
    kept = st.session_state.get("live_stream")
    if kept is None or kept[0] is not predictor:
        if kept:
            kept[1].leave()
        kept = st.session_state["live_stream"] = (
            predictor, LiveStream(predictor) if predictor else LoadingStream()
        )  # fmt: skip
    return kept[1]


def _room(stream: LiveStream | LoadingStream) -> bool:
    """Whether this viewer has a place or may have one; says so and what to do where not. None is taken before START."""
    try:
        stream.check_room()
        return True
    except Full as full:
        st.info(f"{plain(str(full))} A clip or a photo can be labelled meanwhile.", icon=":material/groups:")
        st.button("Try again", icon=":material/refresh:", key="live_again")
        return False


def _camera_allowed(url: str | None) -> bool:
    address = urlsplit(url or "")
    return address.scheme != "http" or address.hostname in _LOCAL


def _here() -> bool:
    """Whether the page is open on the server's own machine; the browser's word for its address is not enough."""
    return st.context.ip_address is None and urlsplit(st.context.url or "").hostname in (*_LOCAL, None)


def _readout(stream: LiveStream | LoadingStream, playing: bool) -> None:
    wrong.question()
    if not playing:
        st.markdown(
            "Press **START** below the picture. Video is labelled on this server and not kept: a face is only when you "
            "say that its answer is wrong."
        )
        return
    keep_faces.told()
    if isinstance(stream, LoadingStream):
        st.markdown("Loading the network …")
        return
    now = stream.snapshot()
    if now.age_s is None or now.age_s > _STALE_SECONDS:
        st.markdown("Waiting for the camera's picture … If it does not come, open the help below.")
        return
    if now.error:
        st.error(f"The picture is not labelled: {plain(now.error)}")
        return
    if len(now.people) > 1:
        st.html(_counts(now.people))
    if now.rgb is not None:
        wrong.tags(now.people, now.rgb, stream.name, stream.predictor)
    _pace(now)


def _counts(people: tuple[Followed, ...]) -> str:
    """How many there are of each label, and of each state in which nothing can be said, as HTML."""
    labels = Counter(person.reading.label for person in people if person.state is State.LABELLED)
    states = Counter(person.state for person in people if person.state is not State.LABELLED)
    parts = [
        f'<span class="count"><span style="color:{COLOURS[label]};font-weight:600">'
        f"{SYMBOLS[label]}</span> {count} {label.row.title}</span>"
        for label, count in sorted(labels.items())
    ]
    parts += [f'<span class="count">{count} {state}</span>' for state, count in sorted(states.items())]
    return f'<p style="margin:0"><b>{len(people)} faces</b> &nbsp; {" &nbsp; ".join(parts)}</p>'


def _pace(now: Snapshot) -> None:
    shared = f" · {now.viewers} viewers" if now.viewers > 1 else ""
    st.caption(
        f"{now.fps:.1f} frames/s · {now.latency_ms:.0f} ms latency{shared}",
        help="Frames that the server labels per second and the time to find and label a frame's faces, over the last "
        "2 seconds. Viewers share this server.",
    )  # fmt: skip
