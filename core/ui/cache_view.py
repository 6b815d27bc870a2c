"""The Data page's last line: how much disk the decoded photos take, and a button that clears them."""

from __future__ import annotations

import streamlit as st

from core.data import cache
from core.ui.page import plain


def show() -> None:
    """Nothing where nothing is kept."""
    kept = cache.size()
    if not kept:
        return
    with st.expander(f"Decoded photos kept on disk: {max(1, round(kept / 1e6)):,} MB", icon=":material/cached:"):
        st.caption(
            "Each photo is decoded once, in each size that a network takes, and shared by all trainings: they start "
            "sooner. Clearing deletes none of your photos and costs only time: the next training decodes them anew."
        )
        st.button("Clear", icon=":material/delete_sweep:", key="clear_cache", on_click=_clear)


def _clear() -> None:
    try:
        cache.clear()
        st.toast("The decoded photos are cleared.", icon=":material/check:")
    except OSError as error:
        st.toast(plain(f"They could not be cleared: {error.strerror or error}."), icon=":material/error:")
