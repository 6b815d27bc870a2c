"""Photos in detail, one at a time: large, beside the Grad-CAM heatmap of a label and how confident the network is of
each; the next and the previous one by button or by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image

from core.data.images.decode import PhotoError
from core.live.draw import verdict
from core.schema.errors import UserError
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.text.markup import plain
from core.text.numbers import confidence
from core.ui.common.page import label_badge

if TYPE_CHECKING:
    from core.networks.checkpoint import Trained

_LONGEST, _GAP = 440, 8
# Between the pictures, and where the heatmap will be.
_EMPTY = "#8A939B"
_AT = "detail_at"
_GRADCAM = (
    "Grad-CAM: bright areas in the last convolutional layer raised this label's score. It is coarse (a few cells "
    "across the face). It shows where the network looked, not why, and a bright face does not make the answer right."
)


@dataclass(frozen=True)
class Prediction:
    """What a network says of a photo: `image` decodes it, or raises PhotoError or OSError; `truth` is the label that it
    is known to have, where that is known; `passes` the decision at the operating point; `wrong` draws what can be done
    where the answer is wrong."""

    name: str
    image: Callable[[], Image.Image]
    probabilities: Mapping[Label, float]
    truth: str | None
    passes: bool
    wrong: Callable[[], None]

    @property
    def called(self) -> Label:
        """The likeliest label."""
        return max(self.probabilities, key=lambda label: self.probabilities[label])


def look(trained: Callable[[], Trained], photos: Sequence[Prediction], first: int) -> None:
    """Open the dialog on one of the photos. `trained` loads the network, and may raise UserError."""
    st.session_state[_AT] = first
    _dialog(trained, photos)


@st.dialog("A closer look", width="large")
def _dialog(trained: Callable[[], Trained], photos: Sequence[Prediction]) -> None:
    at = min(st.session_state.setdefault(_AT, 0), len(photos) - 1)
    own = photos[at]
    _steps(at, len(photos), own.name)
    pictures, answer = st.columns([5, 3], gap="medium")
    with answer:
        asked = _answer(own, at)
    with pictures:
        _pictures(trained, own, asked)


def _steps(at: int, count: int, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", key="detail_previous", shortcut="Left", disabled=at == 0, on_click=_go, args=(at - 1,))
        st.button("Next", key="detail_next", shortcut="Right", disabled=at == count - 1, on_click=_go, args=(at + 1,))
        st.markdown(f"**{at + 1} of {count}** · {plain(name)}")


def _go(place: int) -> None:
    st.session_state[_AT] = place


def _answer(own: Prediction, at: int) -> Label:
    """The answer in numbers; the label whose heatmap is asked for."""
    truth = f"<br>True label {label_badge(own.truth)}" if own.truth else ""
    st.markdown(
        f"Predicted {label_badge(own.called)}{truth}<br>At the operating point: {verdict(own.passes)}",
        unsafe_allow_html=True,
    )
    st.html(bars(own.probabilities))
    own.wrong()
    return st.segmented_control(
        "Heatmap of", list(own.probabilities), default=own.called, required=True, key=f"detail_label_{at}",
        format_func=lambda label: f"{SYMBOLS[label]} {label.row.title}", help=_GRADCAM,
    )  # fmt: skip


def _pictures(trained: Callable[[], Trained], own: Prediction, asked: Label) -> None:
    from core.evaluation.explain import gradcam

    slot = st.empty()
    try:
        image = own.image()
        slot.image(_beside(image, None), width="stretch", alt=f"The photo, predicted {own.called}")
        heat, overlay = gradcam.overlay(trained(), image, asked)
    except (PhotoError, UserError, OSError) as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return
    alt = f"The photo, predicted {own.called}, and beside it the Grad-CAM heatmap of {asked}"
    slot.image(_beside(image, overlay), width="stretch", alt=alt)
    if not heat.any():
        st.caption(f"Nothing in this photo raised the score of {asked.row.title}.")


def _beside(image: Image.Image, heat: Image.Image | None) -> Image.Image:
    """The photo and its heatmap as one picture, which stays one on a phone too; grey as long as there is none."""
    shown = image.copy()
    shown.thumbnail((_LONGEST, _LONGEST))
    both = Image.new("RGB", (2 * shown.width + _GAP, shown.height), _EMPTY)
    both.paste(shown, (0, 0))
    if heat:
        both.paste(heat.resize(shown.size), (shown.width + _GAP, 0))
    return both


def bars(probabilities: Mapping[Label, float]) -> str:
    """The probability of each label as a bar in its colour, as HTML."""
    return "".join(
        f'<div style="display:flex;align-items:center;gap:.6rem;margin:.2rem 0;white-space:nowrap">'
        f'<span style="width:7rem">{SYMBOLS[label]} {label.row.title}</span>'
        f'<span style="flex:1;background:rgba(128,128,128,.18);border-radius:.3rem">'
        f'<span style="display:block;height:.9rem;width:{100 * share:.2f}%;background:{COLOURS[label]};'
        f'border-radius:.3rem"></span></span>'
        f'<span style="width:3.6rem;text-align:right">{confidence(share)}</span></div>'
        for label, share in probabilities.items()
    )
