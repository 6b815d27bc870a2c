"""The grid of a dataset's photos, a page at a time: filters, the last step's undo, the bin."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from core.data.collect import photo_bin, photo_list
from core.data.collect.photo_list import Item, Wanted
from core.schema.errors import UserError
from core.schema.labels import SYMBOLS, Label
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data import browser_actions
from core.ui.data.grid import actions, component
from core.ui.runs import confirm

_EACH_PAGE = 60
_PAGE, _LIST, _FOUND = "grid_page", "grid_list", "grid_found"
# The folder is looked through anew after this time.
_LIST_SECONDS = 30
# What no folder and no label is called.
_ALL = "/all"
_FILTER_WIDTH = 150
_CHOICES = {_ALL: "all", "none": "none yet", "relabel": "relabelled", "keep": "confirmed", "exclude": "excluded"}
_ORDERS = {"newest": "newest first", "oldest": "oldest first", "name": "by file name"}


class _Listed(NamedTuple):
    """The photos of a dataset, and when its files were listed."""

    root: Path
    read_at: float
    items: list[Item]


@st.fragment
def show(root: Path, unreadable: Collection[str], overview: Callable[[Sequence[Item]], None]) -> None:
    """The photos of a dataset but for the unreadable ones; what is done with them redraws no more than this and the
    `overview` of them all."""
    try:
        items = [item for item in _items(root) if item.file not in unreadable]
        overview(items)
        wanted = _wanted(items)
        found = _found(items, wanted)
        _above(root, found)
        if news := actions.news():
            st.warning(plain(news), icon=":material/error:")
        if not found:
            st.info("No photo is like that.", icon=":material/filter_alt_off:")
            return
        pages = ceil(len(found) / _EACH_PAGE)
        page = min(st.session_state.get(_PAGE, 1), pages)
        if page < st.session_state.get(_PAGE, 1):
            st.session_state[_PAGE] = page
        shown = found[(page - 1) * _EACH_PAGE : page * _EACH_PAGE]
        labels = [label for label in Label if any(label in _labels(item) for item in items)]
        component.draw(
            root, f"{page} {wanted}", shown, labels,
            sorted({item.person for item in items} - {""}), sorted({item.source for item in items} - {""}),
            lambda: _acted(root),
        )  # fmt: skip
        st.pagination(pages, key=_PAGE, persist_state="session")
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _items(root: Path) -> list[Item]:
    kept: _Listed | None = st.session_state.get(_LIST)
    if kept is None or kept.root != root or time.monotonic() - kept.read_at > _LIST_SECONDS:
        kept = st.session_state[_LIST] = _Listed(root, time.monotonic(), photo_list.read(root))
    return kept.items


def _found(items: Sequence[Item], wanted: Wanted) -> list[Item]:
    """Chosen once for all pages: sorting 50,000 takes longer than drawing one."""
    kept, listed = st.session_state.get(_FOUND), st.session_state[_LIST]
    if kept is None or kept[0] is not listed or kept[1] != wanted:
        kept = st.session_state[_FOUND] = (listed, wanted, photo_list.choose(items, wanted))
    return kept[2]


def _labels(item: Item) -> tuple[Label, Label]:
    return item.label, item.folder_label


def _wanted(items: Sequence[Item]) -> Wanted:
    """What the filters say."""
    people, sources = {item.person for item in items}, {item.source for item in items}
    labels = [label for label in Label if any(item.label == label for item in items)]
    with st.container(horizontal=True, gap="small"):
        label: Any = _choose("Label", [_ALL, *labels], _called)
        person = _choose("Person", [_ALL, *sorted(people)], _known) if people - {""} else _ALL
        source = _choose("Source", [_ALL, *sorted(sources)], _known) if sources - {""} else _ALL
        choice: Any = _choose("Decision", list(_CHOICES), _CHOICES.__getitem__)
        order: Any = _choose("Sort", list(_ORDERS), _ORDERS.__getitem__)
    label, person, source, choice = (None if value == _ALL else value for value in (label, person, source, choice))
    return Wanted(label, person, source, choice, order)


def _choose(title: str, options: list[Any], called: Callable[[Any], str]) -> Any:
    key = f"grid_{title.lower()}"
    # Of another dataset, or gone with its last photo.
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return st.selectbox(
        title, options, options.index(st.session_state[key]), key=key, format_func=called, width=_FILTER_WIDTH,
        persist_state="session", on_change=_first_page,
    )  # fmt: skip


def _called(label: str) -> str:
    return "all" if label == _ALL else f"{SYMBOLS[Label(label)]} {label}"


def _known(name: str) -> str:
    return "all" if name == _ALL else name or "unknown"


def _first_page() -> None:
    if _PAGE in st.session_state:
        st.session_state[_PAGE] = 1


def _above(root: Path, found: Sequence[Item]) -> None:
    thrown = len(photo_bin.content(root))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
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
    there = {item.file for item in _items(root)}
    for action in browser_actions.new(component.KEY):
        files = action.get("files")
        if action.get("kind") == "turn":
            st.session_state[_PAGE] = max(1, st.session_state.get(_PAGE, 1) + (1 if action.get("value") == "1" else -1))
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
