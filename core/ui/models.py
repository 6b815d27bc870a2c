"""Choose a network of models/ and keep it loaded."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.live.predictor import Predictor
from core.ui import store


def pick_model(key: str) -> Predictor | None:
    """The chosen network, ready to predict; None (and what to do) when models/ is empty.

    Raises UserError for a foreign or damaged file.
    """
    found = {path.name: path for path in store.model_files()}
    if not found:
        st.info("There is no trained network yet: train one first.", icon=":material/model_training:")
        st.page_link("Home.py", label="Home", icon=":material/home:")
        return None
    if st.session_state.get(key) not in found:
        st.session_state[key] = next(iter(found))
    name = st.selectbox("Network", list(found), key=key, persist_state="session",
                        help="Files in models/, the newest first.")  # fmt: skip
    status = found[name].stat()
    with st.spinner("Loading the network"):
        return _load(str(found[name]), status.st_mtime_ns, status.st_size)


@st.cache_resource(max_entries=3, show_spinner=False)
def _load(path: str, mtime_ns: int, size: int) -> Predictor:
    return Predictor(Path(path))
