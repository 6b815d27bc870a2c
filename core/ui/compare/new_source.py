"""Runs that leave one source out: a sentence and a row a source, on the sweep's page, in Compare and on Evaluate."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.evaluation.compare.repeats import Entry
from core.evaluation.new_source import results
from core.evaluation.new_source.results import NewSource
from core.evaluation.wording import source_words
from core.store.runs import Run
from core.store.sweeps import Sweep
from core.text.markup import plain

_NONE = (
    "No run with the settings of these leaves one source out: choose “Leave one source out” as the experiment on "
    "Home, or type `sweep FOLDER --leave_one_source_out`."
)


def of_sweep(sweep: Sweep) -> None:
    """The sources of a sweep that have finished; nothing before the first has."""
    if found := results.of_sweep(sweep):
        st.subheader("On photos of a source it never saw")
        _show(found)


def of_entries(entries: Sequence[Entry]) -> None:
    """Those with the settings of each entry, each only once: runs of one sweep may stand here as entries."""
    shown: set[str] = set()
    for entry in entries:
        found = results.like(entry.runs[0])
        if found and found.worst.run.id not in shown:
            shown.add(found.worst.run.id)
            st.markdown(f"**{plain(entry.title)}**")
            _show(found)
    if not shown:
        st.caption(_NONE)


def of_run(run: Run) -> None:
    """Those with the settings of one run, as a sentence; nothing where there are none."""
    if found := results.like(run):
        st.markdown(plain(source_words.sentence(found)))


def _show(found: NewSource) -> None:
    st.markdown(plain(source_words.sentence(found)))
    table = pd.DataFrame([source_words.row(one) for one in found.tested], columns=list(source_words.HEAD))
    st.dataframe(table, width="stretch", hide_index=True, height="content", alt="Each source, the worst first")
    st.caption(source_words.note(found))
