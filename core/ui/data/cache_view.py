"""The Data page's last line: how much disk decoded photos, cached features and networks take, and a button that clears
them."""

from __future__ import annotations

import streamlit as st

from core.data.cache import network_outputs, resized_images
from core.text.markup import plain


def show() -> None:
    """Nothing where nothing is kept."""
    photos, features = resized_images.size(), network_outputs.size()
    if not photos + features:
        return
    title = f"Cached on disk to train and start sooner: {_megabytes(photos + features)}"
    with st.expander(title, icon=":material/cached:"):
        st.caption(
            f"Decoded photos ({_megabytes(photos)}): each once, in each size that a network takes, for all trainings. "
            f"Cached features ({_megabytes(features)}): what frozen networks made of them, for trainings, label issues "
            "and maps, and networks ready to run. Clearing deletes none of your photos and costs only time: they are "
            "computed again when needed."
        )
        st.button("Clear", icon=":material/delete_sweep:", key="clear_cache", on_click=_clear)


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)) if size else 0:,} MB"


def _clear() -> None:
    try:
        resized_images.clear()
        network_outputs.clear()
        st.toast("Decoded photos and cached features are cleared.", icon=":material/check:")
    except OSError as error:
        st.toast(plain(f"They could not be cleared: {error.strerror or error}."), icon=":material/error:")
