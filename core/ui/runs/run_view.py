"""One run: its head and what can be done with it, how it stands, its test result, and a tab for each question.

Only the open tab is worked out; `?tab=` is a deep link.
"""

from __future__ import annotations

import streamlit as st

from core.schema.run_report import RunReport
from core.store import runs
from core.store.runs import Run
from core.ui.common import result_view
from core.ui.common.parts import part
from core.ui.runs.one_run import actions, curves, tabs, title
from core.ui.runs.progress import status_line

_TAB = "tab"


def show(run: Run) -> None:
    """The run's page."""
    title.show(run)
    with part():
        actions.show(run)
    # Without its settings nothing more can be told of it: raises UserError.
    _ = run.config
    every = 1.0 if run.state.active else None
    st.fragment(_standing, run_every=every)(run.id)
    report = _report(run)
    if report:
        result_view.tiles(report.test)
    tab = _choose(report)
    with part():
        if tab == tabs.CURVES:
            st.fragment(_curves, run_every=every)(run.id)
        else:
            tabs.show(tab, run, report)


def _report(run: Run) -> RunReport | None:
    with part():
        return run.report()
    return None


def _choose(report: RunReport | None) -> str:
    names = list(tabs.FINISHED if report else tabs.UNFINISHED)
    if st.session_state.get(_TAB) not in names:
        st.session_state.pop(_TAB, None)
    return st.segmented_control(
        "What to see", names, default=names[0], required=True, key=_TAB, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip


def _standing(run_id: str) -> None:
    """How it stands; redraws the whole page once when the run has ended."""
    state = runs.get(run_id).state
    seen = f"seen_active_{run_id}"
    if state.active:
        st.session_state[seen] = True
    elif st.session_state.pop(seen, False):
        st.rerun()
    status_line(state)


def _curves(run_id: str) -> None:
    with part():
        curves.show(runs.get(run_id))
