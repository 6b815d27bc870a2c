"""The Data page's view of a dataset's inbox: one face after the other, with the label that it most likely has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.collect.inbox import crops, queue, table
from core.data.collect.inbox.crops import Crop
from core.data.dataset import label_folders
from core.evaluation.versions import known_tests
from core.evaluation.versions.known_tests import KnownTests
from core.schema.errors import UserError
from core.schema.labels import Label
from core.text.markup import one_line, plain
from core.ui.common import cached_reads
from core.ui.data import browser_actions
from core.ui.data.grid import actions
from core.ui.data.grid import view as grid
from core.ui.data.inbox import component

_TESTS = "inbox_tests"
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
        waiting, last = crops.read(root), actions.last(root)
        # Of one place whatever it holds: a component that has moved is loaded anew, and keys that are pressed meanwhile
        # go nowhere.
        with st.container():
            if news := actions.news():
                st.warning(plain(news), icon=":material/error:")
            by_photo = len(waiting) > 1 and _order() == _BY_PHOTO
            if not waiting:
                st.info(_HOW, icon=":material/inbox:")
        if not waiting and last is None:
            return
        waiting = queue.by_photo(waiting) if by_photo else queue.order(waiting, table.read(root))
        component.draw(
            root, waiting, label_folders.labels_of(root), last.words if last else "", lambda: _acted(root),
            partial(_warning, _tests(root)),
        )  # fmt: skip
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _order() -> str:
    return st.segmented_control(
        "Order", _ORDERS, default=_USEFUL, required=True, key="inbox_order", help=_ORDER_HELP,
        label_visibility="collapsed",
    )  # fmt: skip


def _tests(root: Path) -> KnownTests | None:
    """The test photos of this dataset's runs, None where it has no runs; worked out again once these are others."""
    runs = known_tests.splits_of(root)
    if not runs:
        return None
    stamp = root, tuple((run.id, changed) for run, changed in runs.items())
    kept = st.session_state.get(_TESTS)
    if kept is None or kept[0] != stamp:
        kept = st.session_state[_TESTS] = (stamp, known_tests.of_runs(list(runs), cached_reads.scan(root)))
    return kept[1]


def _warning(tests: KnownTests | None, crop: Crop) -> str:
    near = tests.nearest(crop.note.hash) if tests else None
    if near is None:
        return ""
    file, runs = near
    others = f" and {len(runs) - 1} more run{'s' * (len(runs) > 2)}" if len(runs) > 1 else ""
    return one_line(
        f"Nearly a test photo of {runs[0]}{others}: {file}. If the next training learns from it, the two can't be "
        "compared on that photo. Dismiss it to keep that."
    )


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
