"""What a classifier says of faces, as coloured tags with number, symbol, label, confidence and whether the face passes;
or why nothing is said of one. The picture's tags say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.live.draw import UNSAID, verdict
from core.live.tracked_person import Followed, State
from core.schema.labels import COLOURS, SYMBOLS
from core.text.numbers import confidence

_MOST = 8
_WHY = {
    State.TOO_FAR: "come closer",
    State.TURNED_AWAY: "face the camera",
    State.CHANGING: "hold still for a moment",
    State.UNSURE: "no label is likely enough: come closer, or add light",
    State.NO_FACE: "this may be no face at all",
}
_NOBODY = "No face found. Come closer, face the camera, or add light."
_PILL = "display:inline-block;color:#000;border-radius:.5rem;padding:.1rem .6rem;font-weight:600;white-space:nowrap;"
_SMALL = "font-size:.875rem;opacity:.8;margin:.1rem 0 0 .2rem"


def show(people: Sequence[Followed], below: Callable[[Followed], None]) -> None:
    """A tag per face in a strip that wraps, the largest face first; below each, what the other labels got, and what
    `below` draws. Says so where there are none or many."""
    faces = [person for person in people if person.reading.box]
    if not faces:
        st.html(f'<p style="margin:0">{_NOBODY}</p>')
        return
    with st.container(horizontal=True, gap="small"):
        for person in faces[:_MOST]:
            with st.container(width="content", gap=None):
                st.html(_tag(person), width="content")
                below(person)
    if len(faces) > _MOST:
        st.caption(f"… and {len(faces) - _MOST} smaller faces, labelled in the picture only.")


def _tag(person: Followed) -> str:
    reading, state = person.reading, person.state
    if state is not State.LABELLED:
        return _pill(f'data-state="{state}"', UNSAID, f"{person.number} · {state}", _WHY[state])
    others = sorted(reading.probabilities.items(), key=lambda item: -item[1])
    rest = " · ".join(
        f"{label.row.title} {confidence(share)}" for label, share in others if label is not reading.label
    )
    decision = verdict(reading.passes)
    said = f"{reading.label.row.title} {confidence(reading.confidence)} · {decision}"
    return _pill(
        f'data-label="{reading.label}" data-verdict="{decision}"', COLOURS[reading.label],
        f"{person.number} · {SYMBOLS[reading.label]} {said}", rest,
    )  # fmt: skip


def _pill(data: str, colour: str, said: str, below: str) -> str:
    return (
        f'<div class="reading" {data}><span style="{_PILL}background:{colour}">{said}</span>'
        f'<div style="{_SMALL}">{below}</div></div>'
    )
