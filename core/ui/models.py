"""Choose a network of models/ and keep it loaded."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import UserError
from core.live.predictor import Predictor
from core.markup import plain
from core.ui import garbage, store


def pick_model(key: str, starter_first: bool = True) -> Predictor | None:
    """The chosen network, ready to predict; None (and what to do) when there is none. `?<key>=NAME`, without .pth, is a
    deep link.

    A network that was loaded in this session stays usable when its file is damaged or deleted, which the page then
    says. Raises UserError for a foreign or damaged file that was never loaded.
    """
    found = {path.name: path for path in store.model_files(starter_first)}
    kept: tuple[str, Predictor] | None = st.session_state.get(f"{key}_loaded")
    names = [*found, *((kept[0],) if kept and kept[0] not in found else ())]
    if not names:
        st.info("There is no trained network yet. Train one; it then appears here.", icon=":material/model_training:")
        st.page_link("Home.py", label="Go to Home and train", icon=":material/arrow_forward:")
        return None
    name = st.selectbox(
        "Network", names, format_func=lambda name: name.removesuffix(".pth"), key=key, bind="query-params",
        help="Networks that were trained here, the newest first, and the starter network that ships with Mask Lab.",
    )  # fmt: skip
    try:
        predictor = _load(name, found.get(name))
    except UserError as error:
        if not kept or kept[0] != name:
            raise
        st.warning(f"{plain(str(error))} The network goes on as it was loaded before.", icon=":material/warning:")
        return kept[1]
    st.session_state[f"{key}_loaded"] = (name, predictor)
    return predictor


def _load(name: str, path: Path | None) -> Predictor:
    try:
        stat = path.stat() if path else None
    except OSError:
        stat = None
    if stat is None:
        raise UserError(f"{name} is gone from models/: choose another network.")
    return _predictor(str(path), stat.st_mtime_ns, stat.st_size)


@st.cache_resource(max_entries=3, show_spinner="Loading the network")
def _predictor(path: str, mtime_ns: int, size: int) -> Predictor:
    """`mtime_ns` and `size` key the cache: a file that was written anew is loaded anew."""
    predictor = Predictor(Path(path))
    # Live runs three fragments a second, and collecting garbage holds up the video.
    garbage.pass_over_network()
    return predictor
