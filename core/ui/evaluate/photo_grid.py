"""Evaluate's grid of photos with the network's answers: equal squares, lines of text that do not break, and a button
that shows a photo in detail."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from PIL import Image, ImageOps

from core.data.images.decode import PhotoError
from core.live.draw import verdict
from core.text.markup import one_line, plain
from core.text.numbers import confidence
from core.ui.common import photo_detail
from core.ui.common.page import label_badge
from core.ui.common.photo_detail import Prediction
from core.ui.evaluate.subject import Subject

# Five cards side by side on a small laptop, two on a phone.
_SIDE, _CARD = 160, 167
# What fills a square beside a photo that is none.
_MARGIN = "#8A939B"
_LINE = '<div style="white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:1.5;font-size:.8rem"'


@dataclass(frozen=True)
class Card:
    """A photo in the grid: `square` gives its picture or raises PhotoError or OSError; `foot` is a last line."""

    square: Callable[[], bytes]
    prediction: Prediction
    foot: str


def show(cards: Sequence[Card], subject: Subject) -> None:
    """The cards, in rows that wrap. A photo that is gone keeps its place and says so."""
    with st.container(horizontal=True, gap="small"):
        for place, card in enumerate(cards):
            with st.container(border=True, width=_CARD, gap="xsmall"):
                _card(card, place, cards, subject)


def square(image: Image.Image) -> bytes:
    """The whole picture in a square, as JPEG."""
    out = io.BytesIO()
    ImageOps.pad(image, (_SIDE, _SIDE), color=_MARGIN).save(out, "JPEG", quality=85)
    return out.getvalue()


def _card(card: Card, place: int, cards: Sequence[Card], subject: Subject) -> None:
    own = card.prediction
    truth = f", is {own.truth}" if own.truth else ""
    try:
        st.image(card.square(), width="stretch", alt=f"Predicted {own.called}{truth}")
    except (OSError, PhotoError):
        st.caption(f"{plain(own.name)} is gone or damaged.")
        return
    said = f"{label_badge(own.called)} {confidence(own.probabilities[own.called])}"
    known = [] if own.truth is None else ["right" if own.truth == own.called else f"<b>is {own.truth}</b>"]
    foot = [escape(one_line(card.foot))] if card.foot else []
    st.html(_lines(said, *known, f"decision: {verdict(own.passes)}", *foot))
    if st.button("Why?", key=f"why_{place}", icon=":material/visibility:", type="tertiary"):
        photo_detail.look(subject.trained, [each.prediction for each in cards], place)


def _lines(*lines: str) -> str:
    return "".join(f"{_LINE}>{line}</div>" for line in lines)
