"""Runs: a table of them, one run's curves, pictures and numbers (?run=ID), or one sweep's table (?sweep=ID)."""

from __future__ import annotations

import streamlit as st

from core.store import runs, sweeps
from core.ui.common.page import page
from core.ui.runs import progress, run_list, run_view, sweep_view
from core.ui.training_form.form import training_form

with page("Runs", "Every training: how it goes, what it learned, and its settings."):
    training_form()
    if run_id := st.query_params.get("run"):
        st.page_link(progress.RUNS_PAGE, label="All runs", icon=":material/arrow_back:")
        run_view.show(runs.get(run_id))
    elif sweep_id := st.query_params.get("sweep"):
        st.page_link(progress.RUNS_PAGE, label="All runs", icon=":material/arrow_back:")
        sweep_view.show(sweeps.get(sweep_id))
    else:
        sweep_view.show_list()
        run_list.show()
