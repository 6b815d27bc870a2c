"""The Live page without a webcam: label an uploaded clip, or a photo from a file or the camera."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data.collect import keep_photo
from core.data.faces.detector import FaceFinder
from core.data.images.decode import SUFFIXES, PhotoError, decode_bytes
from core.inference.predictor import Predictor
from core.live.draw import UNSAID, annotate
from core.live.media.outputs import open_output
from core.live.media.sources import Source, open_source
from core.live.media.video import follow
from core.live.still import judge
from core.live.tracked_person import Followed, State
from core.schema.errors import UserError
from core.schema.labels import COLOURS, Label
from core.text.numbers import percent
from core.ui.common.parts import chart
from core.ui.live import wrong

CLIP_MB, CLIP_SECONDS, PHOTO_MB = 100, 60, 20
_CLIP_TYPES = ("mp4", "mov", "m4v", "webm", "mkv", "avi", "mpg", "mpeg", "mjpeg", "ogv", "gif")
_UNSAID_MARKERS = {State.TOO_FAR: "diamond-open", State.TURNED_AWAY: "square-open", State.CHANGING: "circle-open"}


@dataclass(frozen=True)
class LabelledClip:
    """An annotated H.264 .mp4, the (seconds, followed face) of every frame, and how many frames there were and had a
    face."""

    video: bytes
    faces: list[tuple[float, Followed]]
    frames: int
    with_face: int


def clip(predictor: Predictor) -> None:
    """Upload a clip, label it with progress, play it back with its labels over time."""
    upload = st.file_uploader(
        f"A clip of at most {CLIP_SECONDS} seconds and {CLIP_MB} MB", type=list(_CLIP_TYPES),
        max_upload_size=CLIP_MB, key="live_clip_file",
    )  # fmt: skip
    if upload is None:
        st.caption("It is labelled frame by frame on this server, shown to you, and not kept.")
        return
    kept = st.session_state.get("live_clip")
    if kept is None or kept[:2] != (upload.file_id, predictor):
        if not st.button("Label this clip", type="primary", icon=":material/play_arrow:"):
            return
        st.session_state["live_clip"] = (upload.file_id, predictor, _label(upload, predictor))
        st.rerun()
    _show_clip(kept[2])


def photo(predictor: Predictor) -> None:
    """Label one photo, uploaded or taken."""
    origin = st.radio("Photo from", ("A file", "The camera"), horizontal=True, key="live_photo_origin")
    if origin == "A file":
        types = [suffix.removeprefix(".") for suffix in SUFFIXES]
        upload = st.file_uploader(f"At most {PHOTO_MB} MB", types, max_upload_size=PHOTO_MB, key="live_photo")
    else:
        upload = st.camera_input("Take a photo", key="live_camera_photo")
    if upload is None:
        return
    _check_size(upload, PHOTO_MB)
    try:
        rgb = np.asarray(decode_bytes(upload.getvalue()))
    except PhotoError as error:
        raise UserError(f"{upload.name} cannot be used: {error}.") from None
    found = judge(rgb, FaceFinder(), predictor)
    picture, beside = st.columns([3, 2], gap="medium")
    picture.image(annotate(rgb, found), output_format="JPEG", width="stretch")
    with beside:
        wrong.question()
        wrong.tags(found, rgb, f"photo-{keep_photo.digest(upload.getvalue())}", predictor)


def _label(upload: UploadedFile, predictor: Predictor) -> LabelledClip:
    _check_size(upload, CLIP_MB)
    bar = st.progress(0.0, "Opening the clip")
    st.button("Stop", icon=":material/stop:", key="live_clip_stop")
    with tempfile.TemporaryDirectory(prefix="masklab-clip-") as folder:
        # The ending is all of the user's file name that may reach the disk.
        path = Path(folder) / f"clip{Path(upload.name).suffix.lower()}"
        path.write_bytes(upload.getbuffer())
        try:
            source = open_source(str(path))
            _check_clip(source)
            return _work(source, predictor, Path(folder) / "labelled.mp4", bar)
        except UserError as error:
            raise UserError(str(error).replace(str(path), upload.name)) from None


def _work(source: Source, predictor: Predictor, out: Path, bar: DeltaGenerator) -> LabelledClip:
    faces: list[tuple[float, Followed]] = []
    frames = with_face = 0
    told = 0.0
    with closing(follow(source, predictor, open_output(out, source))) as read:
        for frame, found in read:
            if frame.time > CLIP_SECONDS:
                raise UserError(_too_long("more"))
            frames, with_face = frames + 1, with_face + bool(found)
            faces += [(frame.time, person) for person in found]
            if time.monotonic() - told > 0.3:
                told = time.monotonic()
                bar.progress(min(1.0, frame.time / (source.seconds or CLIP_SECONDS)), f"Second {frame.time:.1f}")
    return LabelledClip(out.read_bytes(), faces, frames, with_face)


def _check_size(upload: UploadedFile, most: int) -> None:
    if upload.size > most * 2**20:
        raise UserError(f"{upload.name} has {upload.size / 2**20:.0f} MB; at most {most} MB are accepted here.")


def _check_clip(source: Source) -> None:
    if source.still:
        raise UserError("This is a single picture: choose Photo above.")
    if source.seconds and source.seconds > CLIP_SECONDS + 0.5:
        raise UserError(_too_long(f"{source.seconds:.0f} s"))


def _too_long(length: str) -> str:
    return (
        f"The clip lasts {length}; at most {CLIP_SECONDS} s are labelled here. Cut it, or use the command line: "
        "python face_mask_detector.py classify MODEL CLIP --out labelled.mp4"
    )


def _show_clip(result: LabelledClip) -> None:
    player, beside = st.columns([3, 2], gap="medium")
    player.video(result.video)
    with beside:
        st.markdown(_summary(result))
        if result.faces:
            chart(timeline(result.faces), "live_timeline")
            st.caption("Every face in every frame; its label is voted over about a second.")


def _summary(result: LabelledClip) -> str:
    if not result.faces:
        return f"No face was found in the {result.frames} frames."
    counts = Counter(_said(person) for _, person in result.faces)
    shares = ", ".join(f"**{what}** {percent(n / counts.total(), 0)}" for what, n in counts.most_common())
    people = len({person.number for _, person in result.faces})
    seen = f"A face was found in {result.with_face} of {result.frames} frames."
    return f"{seen} {counts.total():,} sightings of {people} {'person' if people == 1 else 'people'}: {shares}."


def _said(person: Followed) -> str:
    return person.reading.label.row.title if person.state is State.LABELLED else str(person.state)


def timeline(faces: list[tuple[float, Followed]]) -> go.Figure:
    """Confidence of every face over time (seconds), one colour and marker per label; a dot is a face in a frame, grey
    where nothing is said of it."""
    figure = go.Figure()
    marks = {label.row.title: {"color": COLOURS[label], "symbol": label.row.shape} for label in Label}
    marks |= {str(state): {"color": UNSAID, "symbol": symbol} for state, symbol in _UNSAID_MARKERS.items()}
    for what, mark in marks.items():
        own = [(at, person.reading.confidence) for at, person in faces if _said(person) == what]
        if own:
            seconds, confidence = zip(*own, strict=True)
            figure.add_scatter(
                x=seconds, y=[100 * share for share in confidence], name=what, mode="markers",
                marker={**mark, "size": 7}, hovertemplate="%{x:.2f} s: %{y:.0f} %",
            )  # fmt: skip
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    figure.update_layout(height=260, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=True, legend=legend)
    figure.update_xaxes(title="Seconds", rangemode="tozero")
    figure.update_yaxes(title="Confidence (%)", range=[30, 103])
    return figure
