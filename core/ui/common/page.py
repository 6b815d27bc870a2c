"""What every page begins with: its title, the line that says what it answers, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.schema.errors import UserError
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.text.markup import plain
from core.ui.common import garbage, visits

# A link within the app opens in another tab: a form that is filled in, or a camera that runs, stays.
_HELP = "Terms such as recall or operating point are explained in the [Glossary](Glossary)."


@contextmanager
def page(title: str, answers: str) -> Iterator[None]:
    """Set up the page and show a UserError from its body as a sentence instead of a traceback."""
    visits.note(title)
    st.set_page_config(page_title=f"{title} · Mask Lab", page_icon="😷", layout="wide")
    st.title(title, help=_HELP)
    st.caption(answers)
    try:
        yield
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
    garbage.pass_over_imports()


def label_badge(label: Label | str) -> str:
    """A label in its colour with its symbol, as HTML for st.html or st.markdown (labels are ours, never user text)."""
    label = Label(label)
    return f'<span style="color:{COLOURS[label]};font-weight:600">{SYMBOLS[label]} {label}</span>'


def numbers(*items: tuple[str, str | int] | tuple[str, str | int, str]) -> None:
    """A row of (label, value, help) that wraps on a phone."""
    with st.container(horizontal=True, gap="small"):
        for label, value, *text in items:
            st.metric(label, value, border=True, help=text[0] if text else None, width="stretch")
