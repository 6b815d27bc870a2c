"""The grid of a dataset's photos, a page at a time: filters, the last step's undo, the bin."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from core.data.collect import photo_bin, photo_list
from core.data.collect.photo_list import Item
from core.schema.errors import UserError
from core.schema.labels import SYMBOLS, Label
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data import browser_actions, label_issues
from core.ui.data.grid import actions, component, filters, ranks
from core.ui.data.grid import chosen as chosen_photos
from core.ui.data.grid.filters import Asked
from core.ui.runs import confirm

_EACH_PAGE = 60
_LIST, _FOUND = "grid_list", "grid_found"
# The folder is looked through anew after this time.
_LIST_SECONDS = 30
_NOTHING = "No photo is like that."
Ranks = Mapping[str, float] | None


class _Listed(NamedTuple):
    """The photos of a dataset, and when its files were listed."""

    root: Path
    read_at: float
    items: list[Item]


@st.fragment
def show(root: Path, reasons: Mapping[str, str], overview: Callable[[Sequence[Item]], None]) -> None:
    """The photos of a dataset; what is done with them redraws no more than this and the `overview` of them all.
    `reasons`: file -> why it is refused, which is shown only where somebody asks for such photos."""
    try:
        listed = _items(root)
        usable = [item for item in listed.items if item.file not in reasons]
        overview(usable)
        asked = filters.ask(listed.items, refused=len(usable) < len(listed.items))
        items = listed.items if asked.state == filters.REFUSED else usable
        only, nothing = _only(root, asked.state, reasons)
        found = _found(items, asked, only, ranks.of(root, usable, asked.wanted.order, listed.read_at))
        _above(root, listed.items, found)
        if news := actions.news():
            st.warning(plain(news), icon=":material/error:")
        if not found:
            st.info(nothing, icon=":material/filter_alt_off:")
            return
        pages = ceil(len(found) / _EACH_PAGE)
        page = min(st.session_state.get(filters.PAGE, 1), pages)
        if page < st.session_state.get(filters.PAGE, 1):
            st.session_state[filters.PAGE] = page
        shown = found[(page - 1) * _EACH_PAGE : page * _EACH_PAGE]
        labels = [label for label in Label if any(label in _labels(item) for item in items)]
        component.draw(
            root, f"{page} {asked} {chosen_photos.files(root) is None}", shown, reasons, labels,
            sorted({item.person for item in items} - {""}), sorted({item.source for item in items} - {""}),
            lambda: _acted(root),
        )  # fmt: skip
        st.pagination(pages, key=filters.PAGE, persist_state="session")
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _items(root: Path) -> _Listed:
    kept: _Listed | None = st.session_state.get(_LIST)
    if kept is None or kept.root != root or time.monotonic() - kept.read_at > _LIST_SECONDS:
        kept = st.session_state[_LIST] = _Listed(root, time.monotonic(), photo_list.read(root))
    return kept


def _found(items: Sequence[Item], asked: Asked, only: Collection[str] | None, ranks: Ranks) -> list[Item]:
    """Chosen once for all pages: sorting 50,000 takes longer than drawing one. `only`: of these alone."""
    listed, key = st.session_state[_LIST], (asked, only)
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] is not listed or kept[1] is not ranks or kept[2] != key:
        some = items if only is None else [item for item in items if item.file in only]
        kept = st.session_state[_FOUND] = (listed, ranks, key, photo_list.choose(some, asked.wanted, ranks))
    return kept[3]


def _labels(item: Item) -> tuple[Label, Label]:
    return item.label, item.folder_label


def _only(root: Path, state: str, reasons: Mapping[str, str]) -> tuple[frozenset[str] | None, str]:
    """The files that are shown alone, if not all are, and what to say where none is like that."""
    chosen = chosen_photos.files(root)
    if state == filters.DOUBTED:
        doubts = label_issues.found_before(root)
        if doubts is None:
            return frozenset(), "Nobody has searched for doubted labels in this session: open Label issues above first."
        files = frozenset(doubt.file for doubt in doubts.items)
        return files if chosen is None else files & chosen, "No label is doubted here."
    if state == filters.REFUSED:
        files = frozenset(reasons)
        return files if chosen is None else files & chosen, _NOTHING
    return chosen, _NOTHING


def _above(root: Path, items: Sequence[Item], found: Sequence[Item]) -> None:
    thrown = len(photo_bin.content(root))
    chosen = chosen_photos.files(root)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if chosen is not None:
            there = actions.photos(sum(item.file in chosen for item in items))
            st.markdown(f":material/scatter_plot: **{there} of the map**")
            st.button("Show all photos", icon=":material/close:", key="grid_all", on_click=chosen_photos.forget)
        counts = [(label, sum(item.label == label for item in found)) for label in Label]
        each = ", ".join(f"{SYMBOLS[label]} {count:,} {label}" for label, count in counts if count)
        st.markdown(f"**{actions.photos(len(found))}**: {each}" if found else f"**{actions.photos(0)}**")
        if step := actions.last(root):
            st.button(
                plain(f"Undo: {step.words}"), icon=":material/undo:", key="grid_undo", shortcut="U",
                on_click=change, args=(actions.undo, root),
            )  # fmt: skip
        if thrown:
            st.button(f"Put back ({thrown:,})", icon=":material/restore_from_trash:", key="grid_put_back",
                      on_click=change, args=(actions.put_back, root), help="All that is in the bin.")  # fmt: skip
            if st.button(f"Empty the bin ({thrown:,})", icon=":material/delete_forever:", key="grid_empty"):
                _ask(root)


@st.dialog("Empty the bin?")
def _ask(root: Path) -> None:
    thrown = actions.photos(len(photo_bin.content(root)))
    st.markdown(f"{thrown} will be deleted for good. There is no way back.")
    if confirm.buttons(f"Delete {thrown}"):
        try:
            actions.empty_bin(root)
        except UserError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def _acted(root: Path) -> None:
    """Do what the browser sent."""
    there = {item.file for item in _items(root).items}
    for action in browser_actions.new(component.KEY):
        files = action.get("files")
        if action.get("kind") == "turn":
            by = 1 if action.get("value") == "1" else -1
            st.session_state[filters.PAGE] = max(1, st.session_state.get(filters.PAGE, 1) + by)
        elif isinstance(files, list):
            change(actions.act, root, action, [file for file in files if file in there])


def change(act: Callable[..., None], *values: Any) -> None:
    """Do something with photos, and read anew what may be another now: of many photos listing the files takes most of
    the time, and what is written about them changes more often."""
    act(*values)
    moved, kept = actions.files_moved(), st.session_state.pop(_LIST, None)
    if kept and not moved:
        with suppress(UserError):
            items = photo_list.with_tables(kept.root, kept.items)
            st.session_state[_LIST] = _Listed(kept.root, kept.read_at, items)
    cached_reads.forget_scan()
