"""How often this session has come to a page: a page that was left and opened again is another visit, a rerun is not."""

from __future__ import annotations

import streamlit as st

_KEY = "visits"


def note(page: str) -> None:
    """A script run of this page begins."""
    before, number = st.session_state.get(_KEY, ("", 0))
    if page != before:
        st.session_state[_KEY] = (page, number + 1)


def count() -> int:
    """Visits of this session so far."""
    return st.session_state.get(_KEY, ("", 0))[1]
