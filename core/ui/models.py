"""Choose a network of models/ and keep it loaded."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import UserError
from core.live.predictor import Predictor
from core.ui import store


def pick_model(key: str) -> Predictor | None:
    """The chosen network, ready to predict; None (and what to do) when models/ is empty. `?<key>=FILE` is a deep link.

    Raises UserError for a foreign or damaged file.
    """
    found = {path.name: path for path in store.model_files()}
    if not found:
        st.info("There is no trained network yet. Train one; it then appears here.", icon=":material/model_training:")
        st.page_link("Home.py", label="Go to Home and train", icon=":material/arrow_forward:")
        return None
    name = st.selectbox(
        "Network", tuple(found), format_func=lambda name: name.removesuffix(".pth"), key=key, bind="query-params",
        help="Trained networks in models/, the newest first.",
    )  # fmt: skip
    return _load(found[name])


def _load(path: Path) -> Predictor:
    try:
        stat = path.stat()
    except OSError:
        raise UserError(f"{path.name} is gone from models/: choose another network.") from None
    return _predictor(str(path), stat.st_mtime_ns, stat.st_size)


@st.cache_resource(max_entries=3, show_spinner="Loading the network")
def _predictor(path: str, mtime_ns: int, size: int) -> Predictor:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    return Predictor(Path(path))
