"""Live's switches for faces that are kept for training without being asked for one by one, and what is kept now."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.live.stream import LiveStream
from core.live.watch.events import Watch
from core.live.watch.keeper import EVERY_SECONDS, MOST, Keeper
from core.text.markup import plain
from core.ui.corrections import ask

_KEEPER = "live_keeper"
_UNSURE, _EVENTS = "live_keep_unsure", "live_keep_events"
_KINDS = {"unsure": _UNSURE, "watch mode's": _EVENTS}
_HOW = (
    f"The face alone, at most one in {EVERY_SECONDS:.0f} seconds of each person and {MOST} in all, waits without a "
    "label in the dataset's inbox, until you label or dismiss it on the Data page. Tell whoever may come before the "
    "camera."
)


def show(stream: LiveStream, watch: Watch | None) -> None:
    """The switches below the picture; from now on the stream tells both who is in it."""
    predictor = stream.predictor
    with st.expander("Keep faces for training", icon=":material/inbox:"):
        folders = ask.datasets(predictor.info.run)
        if not folders:
            st.markdown("There is no dataset to keep them in: make one on the Data page first.")
            keeper = None
        else:
            unsure = st.toggle("Faces that the network is unsure of", key=_UNSURE)
            events = st.toggle("Faces of watch mode's events", key=_EVENTS, disabled=watch is None)
            keeper = _keeper(stream, _folder(folders))
            keeper.unsure, keeper.events = unsure, events and watch is not None
            st.caption(_HOW)
    if watch:
        watch.on_event = keeper.event if keeper else None
    stream.listeners = tuple(filter(None, (watch, keeper)))
    st.session_state[_KEEPER] = keeper


def told() -> None:
    """What is kept now, in the readout; nothing while nothing is."""
    keeper: Keeper | None = st.session_state.get(_KEEPER)
    kinds = " and ".join(kind for kind, key in _KINDS.items() if st.session_state.get(key))
    if keeper is None or not kinds:
        return
    place = f"{kinds} faces in the inbox of {plain(keeper.root.name)}"
    st.markdown(f":material/radio_button_checked: Keeping {place}: {keeper.kept} so far.")
    if keeper.problem:
        st.warning(plain(keeper.problem), icon=":material/error:")


def keeps_events() -> bool:
    """Whether the faces of watch mode's events are kept."""
    return bool(st.session_state.get(_EVENTS)) and st.session_state.get(_KEEPER) is not None


def _folder(folders: list[Path]) -> Path:
    if len(folders) == 1:
        return folders[0]
    names = {str(each): "/".join(each.parts[-2:]) for each in folders}
    return Path(st.selectbox("Dataset", list(names), format_func=names.__getitem__, key="live_keep_dataset"))


def _keeper(stream: LiveStream, root: Path) -> Keeper:
    """This stream's; a new one for another dataset."""
    kept: Keeper | None = st.session_state.get(_KEEPER)
    if kept is None or (kept.root, kept.stream) != (root, stream.name):
        predictor = stream.predictor
        kept = Keeper(root, stream.name, predictor.path.name, predictor.operating_point.threshold)
    return kept
