"""What a classifier says of faces, as coloured tags with symbol, label, confidence and whether the face passes; or why
nothing is said of one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.inference.predictor import Reading
from core.live.draw import UNSAID, verdict
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, SYMBOLS
from core.text.numbers import confidence

_MOST = 8


_WHY = {
    State.TOO_FAR: "come closer",
    State.TURNED_AWAY: "face the camera",
    State.UNSURE: "hold still for a moment, or add light",
}


def show(readings: Sequence[Reading | Followed]) -> None:
    """A tag a face, largest face first; below each, what the other labels got. Says so where there are none or many."""
    if not readings:
        st.html('<p style="margin:0">No face found. Come closer, face the camera, or add light.</p>')
        return
    st.html("".join(map(_tag, readings[:_MOST])))
    if len(readings) > _MOST:
        st.caption(f"… and {len(readings) - _MOST} smaller faces, labelled in the picture only.")


def _tag(item: Reading | Followed) -> str:
    if isinstance(item, Reading):
        return _label(item, "")
    if item.state is State.LABELLED:
        return _label(item.reading, f"{item.number} · ")
    return (
        f'<div class="reading" data-state="{item.state}" style="margin:0 0 .6rem">'
        f'<span style="{_PILL}background:{UNSAID}">{item.number} · {item.state}</span>'
        f'<div style="{_SMALL}">{_WHY[item.state]}</div></div>'
    )


_PILL = "display:inline-block;color:#000;border-radius:.5rem;padding:.2rem .7rem;font-size:1.25rem;font-weight:600;"
_SMALL = "font-size:.875rem;opacity:.75;margin:.15rem 0 0 .2rem"


def _label(reading: Reading, who: str) -> str:
    others = sorted(reading.probabilities.items(), key=lambda item: -item[1])
    rest = " · ".join(
        f"{label.row.title} {confidence(share)}" for label, share in others if label is not reading.label
    )
    where = "" if reading.box else " (no face found: whole picture)"
    decision = verdict(reading.passes)
    return (
        f'<div class="reading" data-label="{reading.label}" data-verdict="{decision}" style="margin:0 0 .6rem">'
        f'<span style="{_PILL}background:{COLOURS[reading.label]}">{who}{SYMBOLS[reading.label]} '
        f"{reading.label.row.title} {confidence(reading.confidence)} · {decision}</span>{where}"
        f'<div style="{_SMALL}">{rest}</div></div>'
    )
