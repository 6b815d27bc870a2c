"""Compare under stress: what is left of the differences when photos get worse, where runs have a stress suite."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts.stress import panels
from core.evaluation.compare import under_stress
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.under_stress import Stressed
from core.text.markup import plain
from core.ui.compare import tables


def show(reference: Entry, others: Sequence[Entry]) -> None:
    """Sentences, numbers, and a curve per network for each kind of disturbance; nothing without two suites to
    compare."""
    found = _found(reference, tuple(others))
    if not found:
        return
    st.subheader("Under stress")
    st.markdown("\n".join(f"- {plain(one.sentence)}" for one in found))
    tables.stress(found)
    with st.expander("Curves by kind of disturbance"):
        _curves([reference, *others])


@st.cache_data(ttl=60, max_entries=16, show_spinner="Comparing under stress")
def _found(reference: Entry, others: tuple[Entry, ...]) -> list[Stressed]:
    return under_stress.against(reference, others)


def _curves(entries: Sequence[Entry]) -> None:
    # One line an entry: of repeats the first that has a suite.
    suites = {
        entry.letter: next(suite for suite in own if suite)
        for entry in entries if any(own := [under_stress.suite(run) for run in entry.runs])
    }  # fmt: skip
    shown = [suite.kinds for suite in suites.values()]
    kinds = [kind for kind in shown[0] if all(kind in own for own in shown)]
    st.plotly_chart(panels(suites, kinds, "Every disturbance, by severity"), width="stretch", key="compare_stress")
