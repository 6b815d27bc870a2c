"""Parts of a page: one that may fail without taking the others with it, a chart, and how far a background job is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from core.schema.errors import UserError
from core.store.job_state import State
from core.store.jobs import Job
from core.text.markup import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


@contextmanager
def part() -> Iterator[None]:
    """Shows a UserError of its block as a sentence."""
    try:
        yield
    except UserError as error:
        st.warning(plain(str(error)), icon=":material/error:")


def chart(figure: go.Figure, key: str) -> None:
    """A chart as wide as its place, without Plotly's toolbar, which covers the title on a phone."""
    st.plotly_chart(figure, width="stretch", key=key, config={"displayModeBar": False})


def job_progress(job: Job, key: str) -> bool:
    """How far a background job is, with a button that stops it: for a fragment that runs every second, which draws the
    page anew once when the job has ended. Returns whether it was just asked to stop."""
    state = job.state
    if state is None or not state.active:
        st.rerun()
    counted = f": {state.done:,} of {state.total:,}" if state.total else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(state.progress, f"{plain(state.message)}{counted}")
        if not st.button("Stop", icon=":material/stop:", key=key):
            return False
        try:
            job.stop()
        except UserError:
            # It has ended since this was drawn.
            st.rerun()
    return True


def job_ended(state: State | None, what: str) -> None:
    """Says that a background job, "Drawing the map", failed or was stopped; nothing of one that did neither."""
    if state and state.status == "failed":
        st.error(plain(f"{what} failed: {state.message}"), icon=":material/error:")
    elif state and state.status == "stopped":
        st.info(f"{what} was stopped.", icon=":material/pause_circle:")
