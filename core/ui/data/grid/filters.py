"""What the grid is asked for: which photos, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data.collect.photo_list import Item, Wanted
from core.schema.labels import SYMBOLS, Label

PAGE = "grid_page"
REFUSED, DOUBTED = "refused", "doubted"
# What no folder and no label is called.
_ALL = "/all"
_WIDTH = 150
_CHOICES = {_ALL: "all", "none": "none yet", "relabel": "relabelled", "keep": "confirmed", "exclude": "excluded"}
_STATES = {_ALL: "readable", REFUSED: "refused", DOUBTED: "doubted labels"}
_ORDERS = {
    "newest": "newest first", "oldest": "oldest first", "name": "by file name", "blurred": "least sharp",
    "unsure": "least sure",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """`wanted` of the photos in a `state`: REFUSED ones, DOUBTED ones, or else all that can be read."""

    wanted: Wanted
    state: str


def ask(items: Sequence[Item], refused: bool) -> Asked:
    """The filters, for these photos; `refused`: whether there are some among them that can't be used."""
    people, sources = {item.person for item in items}, {item.source for item in items}
    labels = [label for label in Label if any(item.label == label for item in items)]
    states = [state for state in _STATES if state != REFUSED or refused]
    with st.container(horizontal=True, gap="small"):
        label: Any = _choose("Label", [_ALL, *labels], _called)
        person = _choose("Person", [_ALL, *sorted(people)], _known) if people - {""} else _ALL
        source = _choose("Source", [_ALL, *sorted(sources)], _known) if sources - {""} else _ALL
        choice: Any = _choose("Decision", list(_CHOICES), _CHOICES.__getitem__)
        state = _choose("Show", states, _STATES.__getitem__)
        order: Any = _choose("Sort", list(_ORDERS), _ORDERS.__getitem__)
    label, person, source, choice = (None if value == _ALL else value for value in (label, person, source, choice))
    return Asked(Wanted(label, person, source, choice, order), state)


def everything() -> None:
    """Ask for all photos again, but in the same order."""
    for title in ("label", "person", "source", "decision", "show"):
        st.session_state.pop(f"grid_{title}", None)
    first_page()


def first_page() -> None:
    """Open it."""
    if PAGE in st.session_state:
        st.session_state[PAGE] = 1


def _choose(title: str, options: list[Any], called: Callable[[Any], str]) -> Any:
    key = f"grid_{title.lower()}"
    # Of another dataset, or gone with its last photo.
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return st.selectbox(
        title, options, options.index(st.session_state[key]), key=key, format_func=called, width=_WIDTH,
        persist_state="session", on_change=first_page,
    )  # fmt: skip


def _called(label: str) -> str:
    return "all" if label == _ALL else f"{SYMBOLS[Label(label)]} {label}"


def _known(name: str) -> str:
    return "all" if name == _ALL else name or "unknown"
