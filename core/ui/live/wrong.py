"""Live's "This is wrong": a button below each face that was labelled, and the question which label is right. The face
is cut out of the frame that the list was made of, and kept only once a label was pressed."""

from __future__ import annotations

import base64
from functools import partial

import numpy as np
import streamlit as st

from core.data.collect import face_crop
from core.inference.predictor import Predictor
from core.live.tracked_person import Followed, State
from core.ui.common import answer_tags
from core.ui.corrections import ask
from core.ui.corrections.ask import Face

_ASKED = "live_wrong"
_HEAD = (
    '<div style="display:flex;align-items:center;gap:.8rem"><img alt="The face that would be kept" height="72" '
    'style="border-radius:.4rem" src="data:image/jpeg;base64,%s"><span>Person %d, labelled <b>%s</b></span></div>'
)
_SOURCE = "live"
# Of the others nothing is said that could be wrong, or the face is too coarse to learn from.
_CAN_BE_WRONG = (State.LABELLED, State.CHANGING, State.UNSURE)


def question() -> None:
    """Which label is right, of the face whose answer was said to be wrong; nothing where none was."""
    ask.news()
    asked = st.session_state.get(_ASKED)
    if asked is None:
        return
    number, face = asked
    with st.container(border=True, key="live_wrong_question", gap="small"):
        # Not in columns, whose widths the page's style sheet sets.
        st.html(_HEAD % (base64.b64encode(face.jpeg()).decode(), number, face.reading.label.row.title))
        ask.show(face, "live_wrong", _end)
        st.button("Never mind", key="live_wrong_end", type="tertiary", on_click=_end)


def tags(people: tuple[Followed, ...] | list[Followed], rgb: np.ndarray, stream: str, predictor: Predictor) -> None:
    """The tags of these people of an RGB picture, uint8 (H, W, 3), with a button each; `stream` tells its people from
    those of others."""

    def button(person: Followed) -> None:
        if person.state not in _CAN_BE_WRONG or person.reading.box is None:
            return
        jpeg = partial(face_crop.jpeg, rgb, person.reading.box)
        face = Face.of(jpeg, f"{stream}-{person.number}", _SOURCE, person.reading, predictor)
        st.button(
            "This is wrong", key=f"live_wrong_{person.number}", type="tertiary", icon=":material/flag:",
            on_click=_begin, args=(person.number, face),
        )  # fmt: skip

    answer_tags.show(people, button)


def _begin(number: int, face: Face) -> None:
    st.session_state[_ASKED] = (number, face)


def _end() -> None:
    st.session_state.pop(_ASKED, None)
