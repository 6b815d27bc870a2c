"""One picture that explains the labels: a drawn person with each of them, and what it means."""

from __future__ import annotations

import base64
import io

import streamlit as st

from core.schema.labels import Label

_SIDE, _PERSON, _SHOT = 192, 3, 103
_FIGURE = (
    '<figure style="margin:0;flex:1 1 0;min-width:0;text-align:center">'
    '<img src="{source}" alt="A drawn face: {meaning}" style="width:100%;border-radius:.6rem;display:block">'
    '<figcaption style="margin-top:.4rem"><span style="background:{colour};color:#000;border-radius:.4rem;'
    'padding:.1rem .5rem;font-size:.875rem;font-weight:600;white-space:nowrap">{symbol} {title}</span>'
    '<div style="font-size:.875rem;margin-top:.25rem">{explained}</div></figcaption></figure>'
)


def show() -> None:
    """Draw it; text and background are the theme's."""
    st.html(_html())


@st.cache_resource(show_spinner=False)
def _html() -> str:
    figures = "".join(
        _FIGURE.format(source=_drawn(label), meaning=label.row.meaning, colour=label.row.colour,
                       symbol=label.row.symbol, title=label.row.title,
                       explained=label.row.meaning if label.row.meaning != label.row.title else "")
        for label in Label
    )  # fmt: skip
    return f'<div style="display:flex;gap:.75rem;max-width:36rem">{figures}</div>'


def _drawn(label: Label) -> str:
    import numpy as np

    from core.data.synthetic.demo import draw_face
    from core.data.synthetic.person import make_person

    person = make_person(np.random.default_rng(_PERSON))
    buffer = io.BytesIO()
    draw_face(label, np.random.default_rng(_SHOT), _SIDE, person).save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
