"""Which runs the table shows, and in which order: widgets whose values live in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from core.ui.runs.table.groups import Line
from core.ui.runs.table.run_rows import RunRow

_WIDTH = 165
_KEPT = "runs_filters_kept"
# Key in the address -> what the empty widget says, and what a run has of it.
_CHOICES: dict[str, tuple[str, Callable[[RunRow], Sequence[str]]]] = {
    "state": ("Any state", lambda one: (one.state,)),
    "network": ("Any network", lambda one: (one.network,)),
    "photos": ("Any photos", lambda one: (one.photos,)),
    "labels": ("Any labels", lambda one: (one.labels,)),
    "tag": ("Any tag", lambda one: one.notes.tags),
}
_SINCE = {"any date": None, "today": 0, "last 7 days": 7, "last 30 days": 30}
_SEARCH, _DATE, _ORDER, _STAR = "search", "since", "sort", "starred"
_CLEAR = {_SEARCH: "", _DATE: next(iter(_SINCE)), _STAR: False} | {key: [] for key in _CHOICES}


def _name(line: Line) -> str:
    return line.name.casefold()


# Name -> what it sorts by, and whether the highest comes first.
_ORDERS: dict[str, tuple[Callable[[Line], datetime | float | str], bool]] = {
    "newest first": (lambda line: line.started, True),
    "oldest first": (lambda line: line.started, False),
    "best on test": (lambda line: -1.0 if line.test is None else line.test, True),
    "best on validation": (lambda line: -1.0 if line.validation is None else line.validation, True),
    "name": (_name, False),
}


@dataclass(frozen=True)
class Filters:
    """What was chosen. `chosen` maps a key of the choices to its values, empty for any."""

    words: tuple[str, ...]
    chosen: dict[str, list[str]]
    since: datetime | None
    starred: bool
    order: str

    def fits(self, run: RunRow) -> bool:
        """Whether the run is shown: all words are found in its names, tags, note, network and photos."""
        if (self.starred and not run.notes.star) or (self.since and run.started < self.since):
            return False
        if any(wanted and not set(wanted) & set(_CHOICES[key][1](run)) for key, wanted in self.chosen.items()):
            return False
        sweep = run.group.name if run.group else ""
        said = (run.name, sweep, run.run.id, run.network, run.photos, run.notes.note, *run.notes.tags)
        text = " ".join(said).casefold()
        return all(word in text for word in self.words)

    def ordered(self, lines: Sequence[Line]) -> list[Line]:
        """In the chosen order; where that says nothing, as they were (falling) or the other way round."""
        by, falling = _ORDERS[self.order]
        return sorted(lines if falling else reversed(lines), key=by, reverse=falling)


def ask(runs: Sequence[RunRow]) -> Filters:
    """The widgets: a filter only where these runs differ in it."""
    with st.container(horizontal=True, gap="small", key="runs_filters"):
        typed = st.text_input(
            "Search", key=_SEARCH, bind="query-params", placeholder="Search name, tag, note, network, photos",
            label_visibility="collapsed", icon=":material/search:", width=2 * _WIDTH + 16,
        )  # fmt: skip
        order = _one("Sort by", list(_ORDERS), _ORDER, _WIDTH + 10)
        since = _one("Started", list(_SINCE), _DATE, _WIDTH)
        chosen = {key: _choice(key, runs) for key in _CHOICES}
        has_star = _STAR in st.query_params or any(run.notes.star for run in runs)
        starred = has_star and st.toggle("Starred", key=_STAR, bind="query-params")
    return Filters(tuple(typed.casefold().split()), chosen, _day(_SINCE[since]), starred, order)


def _one(label: str, options: Sequence[str], key: str, width: int) -> str:
    return st.selectbox(
        label, options, key=key, bind="query-params", width=width, label_visibility="collapsed", filter_mode=None
    )


def clear() -> None:
    """Show all runs again (before the widgets are drawn)."""
    st.session_state.update({key: value for key, value in _CLEAR.items() if key in st.session_state})


def _choice(key: str, runs: Sequence[RunRow]) -> list[str]:
    words, of = _CHOICES[key]
    options = sorted({value for run in runs for value in of(run) if value})
    if len(options) < 2 and key not in st.query_params:
        return []
    return st.multiselect(
        words.removeprefix("Any ").capitalize(), options, key=key, bind="query-params", placeholder=words,
        label_visibility="collapsed", width=_WIDTH,
    )  # fmt: skip


def _day(days: int | None) -> datetime | None:
    """Midnight so many days ago."""
    if days is None:
        return None
    return datetime.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def keep() -> None:
    """Remember how the table is filtered, for the way back to it."""
    st.session_state[_KEPT] = {key: st.query_params.get_all(key) for key in st.query_params}


def kept() -> dict[str, list[str]]:
    """The query of the table as it was left."""
    return st.session_state.get(_KEPT, {})
