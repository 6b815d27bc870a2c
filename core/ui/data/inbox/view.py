"""The Data page's view of a dataset's inbox: one face after the other, with the label that it most likely has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.collect.inbox import crops, queue, table
from core.data.dataset import label_folders
from core.schema.errors import UserError
from core.schema.labels import Label
from core.text.markup import plain
from core.ui.data import browser_actions
from core.ui.data.grid import actions
from core.ui.data.grid import view as grid
from core.ui.data.inbox import component

_HOW = (
    "No face waits here. Say **This is wrong** on Live below a face, or on Evaluate in the closer look at a photo: "
    "that face is kept here until you label it. Or upload whole photos with **None yet** as their label: the faces in "
    "them come here."
)
_ORDERS = _USEFUL, _BY_PHOTO = "Most useful first", "Photo by photo"
_ORDER_HELP = (
    "Most useful: what the network is least sure of, one of each photo or burst before the next of any. "
    "Photo by photo: the faces of one photo follow each other."
)


def name(folder: Path) -> str:
    """What the view is called, with how many wait."""
    count = len(crops.content(folder))
    return f"Inbox ({count:,})" if count else "Inbox"


@st.fragment
def show(folder: Path) -> None:
    """The faces that wait, one at a time; an answer redraws no more than this."""
    root = folder.resolve()
    try:
        waiting = crops.read(root)
        if news := actions.news():
            st.warning(plain(news), icon=":material/error:")
        last = actions.last(root)
        if not waiting:
            st.info(_HOW, icon=":material/inbox:")
            if last is None:
                return
        if len(waiting) > 1 and _order() == _BY_PHOTO:
            waiting = queue.by_photo(waiting)
        else:
            waiting = queue.order(waiting, table.read(root))
        component.draw(
            root, waiting, label_folders.labels_of(root), last.words if last else "", lambda: _acted(root)
        )
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _order() -> str:
    return st.segmented_control(
        "Order", _ORDERS, default=_USEFUL, required=True, key="inbox_order", help=_ORDER_HELP,
        label_visibility="collapsed",
    )  # fmt: skip


def _acted(root: Path) -> None:
    """Do what the browser sent."""
    for action in browser_actions.new(component.KEY):
        grid.change(_act, root, action)


def _act(root: Path, action: Mapping[str, Any]) -> None:
    """Do what the browser asked for; what it does not know, or is not there, is passed over."""
    kind, file, value = (str(action.get(part, "")) for part in ("kind", "file", "value"))
    if kind == "undo":
        actions.undo(root)
    # Anew for each action: the one before may have brought it back.
    elif file not in crops.content(root):
        return
    elif kind == "label" and value in label_folders.labels_of(root):
        actions.do(lambda: actions.moved(root, crops.accept(root, {file: Label(value)}), f"labelled {value}"))
    elif kind == "bin":
        actions.do(lambda: actions.moved(root, crops.dismiss(root, [file]), "put into the bin", binned=True))
