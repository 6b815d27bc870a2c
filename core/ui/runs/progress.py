"""How runs stand: a status line each, and the live list of those at work."""

from __future__ import annotations

import streamlit as st

from core.store import runs
from core.store.job_state import State
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import duration

ICONS = {
    "queued": ":material/schedule:", "running": ":material/sync:", "finished": ":material/check_circle:",
    "stopped": ":material/pause_circle:", "failed": ":material/error:",
}  # fmt: skip
RUNS_PAGE = "pages/2_Runs.py"


def status_line(state: State) -> None:
    """One line, with a bar while the run is active."""
    message = plain(state.message)
    if state.active:
        left = f", about {duration(state.seconds_left)} left" if state.seconds_left else ""
        st.progress(min(max(state.progress, 0.0), 1.0), f"{message}{left}")
    elif state.status == "finished":
        st.caption(f"{ICONS['finished']} {message}")
    elif state.status == "stopped":
        st.info(message, icon=ICONS["stopped"])
    else:
        st.error(f"Failed: {message}", icon=ICONS["failed"])


def run_link(run: Run, label: str | None = None) -> None:
    """A link to the run's page."""
    st.page_link(RUNS_PAGE, label=label or plain(run.name), icon=ICONS[run.state.status], query_params={"run": run.id})


def active_runs() -> list[Run]:
    """Runs that are queued or at work, newest first."""
    return [run for run in runs.every() if run.state.active]


def show_active() -> None:
    """The live list of runs at work; redraws itself each second while there are any, and the page when they end."""
    if not active_runs():
        return
    st.header("Running now")
    _live_list()


@st.fragment(run_every=1.0)
def _live_list() -> None:
    active = active_runs()
    if not active:
        st.rerun()
    for run in active:
        with st.container(border=True):
            run_link(run)
            status_line(run.state)
