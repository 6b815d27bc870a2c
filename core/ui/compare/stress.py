"""Compare under stress: what is left of the differences when photos get worse, where runs have a stress suite."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts.stress import panels
from core.evaluation.compare import under_stress
from core.evaluation.compare.repeats import Entry
from core.text.markup import plain
from core.ui.common.parts import chart
from core.ui.compare import reads, tables


def show(reference: Entry, others: Sequence[Entry]) -> bool:
    """Sentences, numbers, and a curve per network for each kind of disturbance; False without two suites to compare."""
    found = reads.stressed(reference, others)
    if not found:
        return False
    st.markdown("\n".join(f"- {plain(one.sentence)}" for one in found))
    tables.stress(found)
    _curves([reference, *others])
    return True


def _curves(entries: Sequence[Entry]) -> None:
    # One line an entry: of repeats the first that has a suite.
    suites = {
        entry.letter: next(suite for suite in own if suite)
        for entry in entries if any(own := [under_stress.suite(run) for run in entry.runs])
    }  # fmt: skip
    shown = [suite.kinds for suite in suites.values()]
    kinds = [kind for kind in shown[0] if all(kind in own for own in shown)]
    chart(panels(suites, kinds, "Every disturbance, by severity"), "compare_stress")
