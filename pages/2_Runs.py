"""Runs: a table of them, one run's curves, pictures and numbers (?run=ID), or one sweep's table (?sweep=ID)."""

from __future__ import annotations

import streamlit as st

from core.store import runs, sweeps
from core.ui.common.page import page
from core.ui.runs import progress, run_view
from core.ui.runs.one_run import delete
from core.ui.runs.sweeps import page as sweep_page
from core.ui.runs.table import filters
from core.ui.runs.table import view as table
from core.ui.training_form.form import training_form

run_id, sweep_id = st.query_params.get("run"), st.query_params.get("sweep")
with page("Runs", "" if run_id or sweep_id else "Every training: how it goes, what it learned, and its settings."):
    training_form()
    if run_id or sweep_id:
        back = filters.kept()
        st.page_link(progress.RUNS_PAGE, label="All runs", icon=":material/arrow_back:", query_params=back)
    if run_id:
        run_view.show(runs.get(run_id))
    elif sweep_id:
        sweep_page.show(sweeps.get(sweep_id))
    else:
        sweep_page.show_list()
        table.show()
        delete.networks_without_run()
