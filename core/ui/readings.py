"""What a classifier says of faces, as coloured tags with symbol, label, confidence and whether the face passes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.labels import COLOURS, SYMBOLS
from core.live.draw import percent, verdict, words
from core.live.predictor import Reading

_MOST = 8


def show(readings: Sequence[Reading]) -> None:
    """A tag a face, largest face first; below each, what the other labels got. Says so where there are none or many."""
    if not readings:
        st.html('<p style="margin:0">No face found. Come closer, face the camera, or add light.</p>')
        return
    st.html("".join(_tag(reading) for reading in readings[:_MOST]))
    if len(readings) > _MOST:
        st.caption(f"… and {len(readings) - _MOST} smaller faces, labelled in the picture only.")


def _tag(reading: Reading) -> str:
    others = sorted(reading.probabilities.items(), key=lambda item: -item[1])[1:]
    rest = " · ".join(f"{words(label)} {percent(share)}" for label, share in others)
    where = "" if reading.box else " (no face found: whole picture)"
    decision = verdict(reading.passes)
    return (
        f'<div class="reading" data-label="{reading.label}" data-verdict="{decision}" style="margin:0 0 .6rem">'
        f'<span style="display:inline-block;background:{COLOURS[reading.label]};color:#000;border-radius:.5rem;'
        f'padding:.2rem .7rem;font-size:1.25rem;font-weight:600">{SYMBOLS[reading.label]} {words(reading.label)} '
        f"{percent(reading.confidence)} · {decision}</span>{where}"
        f'<div style="font-size:.875rem;opacity:.75;margin:.15rem 0 0 .2rem">{rest}</div></div>'
    )
