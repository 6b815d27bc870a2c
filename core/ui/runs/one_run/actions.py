"""What can be done with a run, in a row: try, evaluate, compare, download, train again, stop, resume, delete."""

from __future__ import annotations

import streamlit as st

from core.evaluation.versions import known
from core.schema.errors import UserError
from core.store.runs import Run
from core.training.lifecycle import launch
from core.ui.common.page import go_to
from core.ui.evaluate.links import RESULT, evaluate_link
from core.ui.runs.one_run import delete, downloads, train_again
from core.ui.training_form import form

_HOME, _LIVE, _COMPARE = "Home.py", "pages/5_Live.py", "pages/3_Compare.py"


def show(run: Run) -> None:
    """The row; only what the run can do now."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if model := delete.model_of(run):
            live = {"live_model": model.removesuffix(".pth")}
            st.page_link(_LIVE, label="Try live", icon=":material/videocam:", query_params=live)
            evaluate_link(model, RESULT, "Evaluate")
        if run.state.status == "finished":
            st.page_link(_COMPARE, label="Compare", icon=":material/compare_arrows:", query_params={"runs": run.id})
            with st.popover("Download", icon=":material/download:"):
                downloads.show(run, model)
        _train_again(run)
        _work(run)


def _train_again(run: Run) -> None:
    try:
        values = run.config.model_dump()
    except UserError:
        return
    if st.button("Train again with changes", icon=":material/replay:", on_click=form.fill, args=(values,)):
        go_to(_HOME, {}, "Home")
    if known.of_run(run) and st.button(
        "Train again on these photos", icon=":material/history:",
        help="The same settings on the same version of the photos, whatever was added or changed since.",
    ):  # fmt: skip
        train_again.ask(run.id)


def _work(run: Run) -> None:
    if run.state.active:
        if st.button(
            "Stop", icon=":material/stop:", disabled=run.stopping,
            help="Keeps the last finished epoch: Resume goes on from there.",
        ):  # fmt: skip
            launch.ask_to_stop(run)
            # The button is off, and the line below says why, at once.
            st.rerun()
        return
    if run.resumable and st.button("Resume", icon=":material/play_arrow:", type="primary"):
        launch.resume(run)
        st.rerun()
    if st.button("Delete", icon=":material/delete:"):
        delete.ask(run.id)
