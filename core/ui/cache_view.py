"""The Data page's last line: how much disk decoded photos and kept views take, and a button that clears them."""

from __future__ import annotations

import streamlit as st

from core.data import cache
from core.markup import plain
from core.training import kept


def show() -> None:
    """Nothing where nothing is kept."""
    photos, views = cache.size(), kept.size()
    if not photos + views:
        return
    with st.expander(f"Kept on disk to train sooner: {_megabytes(photos + views)}", icon=":material/cached:"):
        st.caption(
            f"Decoded photos ({_megabytes(photos)}): each once, in each size that a network takes, for all trainings. "
            f"Kept views ({_megabytes(views)}): what frozen networks made of them. Clearing deletes none of your "
            "photos and costs only time: the next training makes them anew."
        )
        st.button("Clear", icon=":material/delete_sweep:", key="clear_cache", on_click=_clear)


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)) if size else 0:,} MB"


def _clear() -> None:
    try:
        cache.clear()
        kept.clear()
        st.toast("Decoded photos and kept views are cleared.", icon=":material/check:")
    except OSError as error:
        st.toast(plain(f"They could not be cleared: {error.strerror or error}."), icon=":material/error:")
