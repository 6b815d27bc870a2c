"""Which runs Compare shows: chosen one by one or all repeats at once, and kept in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.evaluation.compare import preselect
from core.evaluation.compare.repeats import Entry, entries
from core.store.runs import Run
from core.ui.compare import address

# Before the id of one run: stands for that run and all its repeats.
_ALL = "all-"


def pick(finished: Sequence[Run], families: Sequence[Entry], linked: bool) -> list[Entry]:
    """The chosen ones of the finished runs as entries; `families` are all of them. `?runs=` holds ids; all-ID stands
    for a run with its repeats. Without it, those begin that share test photos. `linked`: the address counts anew."""
    options = {_token(family): family.runs for family in families}
    names = {_token(family): _title(family) for family in families}
    # An entry of one has its run's id already.
    options |= {run.id: (run,) for run in finished}
    names |= {run.id: run_title(run) for run in finished if run.id not in names}
    key = "compare_runs"
    if linked or key not in st.session_state:
        asked = [token for token in address.listed("runs") if token in options]
        st.session_state[key] = asked or [_token(family) for family in preselect.together(families)]
    st.session_state[key] = [token for token in st.session_state[key] if token in options]
    tokens = st.multiselect(
        "Runs", list(options), st.session_state[key], key=key, format_func=names.__getitem__,
        persist_state="session", wrap=True,
        help="Runs that differ in seed or fold only are repeats: chosen together, they count as one.",
    )  # fmt: skip
    address.keep("runs", tokens)
    return entries(list(dict.fromkeys(run for token in tokens for run in options[token])))


def pick_reference(chosen: Sequence[Entry], linked: bool) -> Entry:
    """The entry that the others are compared with: the first, unless another is picked or, where `linked`, named in the
    address."""
    by_run, key = {entry.runs[0].id: entry for entry in chosen}, "compare_reference"
    if linked or st.session_state.get(key) not in by_run:
        asked = [run_id for run_id in address.listed("reference") if run_id in by_run]
        st.session_state[key] = (asked or list(by_run))[0]
    run_id = st.selectbox(
        "Compared with", list(by_run), list(by_run).index(st.session_state[key]), key=key,
        format_func=lambda run_id: by_run[run_id].title, persist_state="session",
        help="Every other entry is set against this one.",
    )  # fmt: skip
    address.keep("reference", [run_id] if run_id != chosen[0].runs[0].id else [])
    return by_run[run_id]


def _token(family: Entry) -> str:
    # The oldest run, because the others come later and would change the address.
    return family.runs[0].id if len(family.runs) == 1 else _ALL + min(run.id for run in family.runs)


def _title(family: Entry) -> str:
    return run_title(family.runs[0]) if len(family.runs) == 1 else f"{family.name}: all"


def run_title(run: Run) -> str:
    """What an option is called that stands for one run."""
    # With its seconds: Streamlit tells options apart by their words.
    return f"{run.name} ({run.created:%d %b %H:%M:%S}, seed {run.config.seed})"
