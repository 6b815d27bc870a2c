"""Evaluate's gallery of the test photos that a network gets most wrong. Only test photos: those of training would show
what it has learned by heart."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import streamlit as st

from core.data.images.decode import PhotoError, decode
from core.evaluation.one_run import predictions as saved
from core.evaluation.one_run.predictions import Predictions
from core.live.draw import verdict
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import confidence
from core.ui.common import photo_detail
from core.ui.common.page import label_badge
from core.ui.evaluate.subject import Subject

_SHOWN, _THUMBNAIL = 24, 160
_ALL, _PASSED, _STOPPED = "All", "Passed wrongly", "Stopped wrongly"


def show(run: Run, subject: Subject) -> None:
    """The test photos of a run, the worst first; `subject` is its network."""
    own = saved.of_run(run, "test")
    order = worst_first(own)
    left, right = st.columns(2)
    labels = [_ALL, *(str(label) for label in own.classes if (own.true == str(label)).any())]
    label = left.segmented_control("True label", labels, default=_ALL, required=True, key="wrong_label")
    decisions = [_ALL, _PASSED, _STOPPED]
    door = right.segmented_control("Operating point", decisions, default=_ALL, required=True, key="wrong_door")
    if label != _ALL:
        order = order[own.true[order] == label]
    order = order[_at_the_door(own, subject.predictor.operating_point, door)[order]]
    wrong = int((own.guess[order] != own.true[order]).sum())
    st.markdown(f"**{len(order)}** test photos, **{wrong}** of them predicted wrongly. The most wrong first.")
    _grid(own, order, run, subject)


def worst_first(own: Predictions) -> np.ndarray:
    """The photos whose label the model knows, by falling loss: the negative logarithm of the true label's
    probability."""
    names = [str(label) for label in own.classes]
    known = np.flatnonzero(np.isin(own.true, names))
    columns = [names.index(label) for label in own.true[known]]
    return known[np.argsort(own.probability[known, columns], kind="stable")]


def _at_the_door(own: Predictions, point: OperatingPoint, asked: str) -> np.ndarray:
    compliant, passed = own.true == str(COMPLIANT), point.passes(own.mask_probability)
    return {_ALL: np.ones(len(own), bool), _PASSED: passed & ~compliant, _STOPPED: ~passed & compliant}[asked]


def _grid(own: Predictions, order: np.ndarray, run: Run, subject: Subject) -> None:
    key = f"wrong_shown_{run.id}"
    shown = st.session_state.get(key, _SHOWN)
    with st.container(horizontal=True, gap="small"):
        for place in order[:shown]:
            with st.container(border=True, width=170):
                _card(own, int(place), run, subject)
    if len(order) > shown and st.button(f"Show {min(_SHOWN, len(order) - shown)} more", icon=":material/expand_more:"):
        st.session_state[key] = shown + _SHOWN
        st.rerun()


def _card(own: Predictions, place: int, run: Run, subject: Subject) -> None:
    file, true, called = own.files[place], str(own.true[place]), str(own.guess[place])
    path = run.config.folder / file
    try:
        st.image(_thumbnail(str(path), path.stat().st_mtime_ns), width="stretch", alt=f"Is {true}, predicted {called}")
    except (OSError, PhotoError):
        st.caption(f"{plain(file)} is gone or damaged.")
        return
    said = confidence(float(own.probability[place].max()))
    passes = bool(subject.predictor.operating_point.passes(own.mask_probability[place]))
    st.markdown(f"{label_badge(called)} {said}", unsafe_allow_html=True)
    st.markdown(":green[:material/check: right]" if true == called else f":red[:material/close: is {true}]")
    st.caption(f"at the operating point: {verdict(passes)}")
    if st.button("Look closer", key=f"look_{place}", icon=":material/visibility:", type="tertiary"):
        probabilities = dict(zip(own.classes, own.probability[place].tolist(), strict=True))
        photo_detail.look(subject.trained(), decode(path), file, probabilities, true)


@st.cache_data(max_entries=1000, show_spinner=False)
def _thumbnail(path: str, mtime_ns: int) -> bytes:
    """A square JPEG; `mtime_ns` keys the cache. Raises PhotoError."""
    image = decode(Path(path), wanted_side=_THUMBNAIL).resize((_THUMBNAIL, _THUMBNAIL))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
