"""The table of runs, from which one is opened."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.schema.errors import UserError
from core.store import runs
from core.store.runs import Run
from core.ui.runs import progress


def show() -> None:
    """The table, or what to do when there is none."""
    all_runs = runs.every()
    if not all_runs:
        st.info("No run yet: choose photos in the sidebar and press Train.", icon=":material/play_arrow:")
        return
    progress.show_active()
    table = pd.DataFrame([_row(run) for run in all_runs])
    chosen = st.dataframe(
        table, width="stretch", hide_index=True, on_select="rerun", selection_mode="single-row", key="runs_table",
        column_config={
            "started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "validation": st.column_config.NumberColumn("validation acc.", format="%.1f %%"),
            "test": st.column_config.NumberColumn("test acc.", format="%.1f %%"),
        },
    )  # fmt: skip
    st.caption("Select a row to open the run.")
    if rows := chosen.selection.rows:
        st.query_params["run"] = all_runs[rows[0]].id
        st.rerun()


def _row(run: Run) -> dict[str, Any]:
    try:
        config = run.config
    except UserError:
        return {"run": run.name, "status": "damaged", "started": run.created}
    state, result = run.state, run.summary()
    return {
        "run": run.name,
        "status": "damaged" if state.status == "finished" and result is None else state.status,
        "photos": "/".join(config.folder.parts[-2:]),
        "epochs": f"{state.epoch} of {config.epochs}",
        "validation": 100 * result.validation if result else None,
        "test": 100 * result.test if result else None,
        "started": run.created,
    }
