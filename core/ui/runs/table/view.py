"""The table of runs: filtered, sorted, opened by a click on a name, and acted on by selection."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import streamlit as st

from core.ui.runs import progress
from core.ui.runs.table import actions, columns, filters, groups, run_rows
from core.ui.runs.table.groups import Line

# Rows that are read whole at a time, with their curves.
_PAGE, _PAGE_KEY = 100, "page"
_ROW_PIXELS, _TALLEST = 35, 16
_NAME_PIXELS = 296


def show() -> None:
    """The table, or what to do when there is none."""
    every = run_rows.every()
    if not every:
        st.info(
            "No run yet: choose photos in the sidebar and press Train. What it learns appears here.",
            icon=":material/play_arrow:",
        )
        return
    progress.show_active()
    chosen = filters.ask(every)
    fitting = [run for run in every if chosen.fits(run)]
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with bar:
        names, fold = columns.choose()
    filters.keep()
    lines = chosen.ordered(groups.lines(fitting, fold))
    if not lines:
        st.info("No run fits these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", on_click=filters.clear)
        return
    picked = _table(_page(lines), names)
    tags = sorted({tag for run in every for tag in run.notes.tags})
    with bar:
        actions.show(picked, tags)
    st.caption(_counted(len(fitting), len(every)))


def _table(lines: Sequence[Line], chosen: Sequence[str]) -> list[Line]:
    """Draws them; returns the selected ones."""
    # What is selected are places: with other rows, or in another order, they are others.
    key = f"runs_{blake2b(repr([line.opens for line in lines]).encode(), digest_size=8).hexdigest()}"
    clicked = f"{key}_open"

    def open_row() -> None:
        st.query_params.from_dict(lines[st.session_state[clicked]["row"]].opens)

    name = st.column_config.ButtonColumn(
        "run", type="tertiary", alignment="left", width=_NAME_PIXELS, pinned=True, on_click=open_row, key=clicked,
        help="Opens the run, or the sweep with its runs",
    )  # fmt: skip
    state = st.dataframe(
        columns.frame(lines, chosen), width="stretch", hide_index=True, on_select="rerun", selection_mode="multi-row",
        key=key, column_config={columns.NAME: name} | columns.config(chosen), placeholder="",
        height=(1 + min(len(lines), _TALLEST)) * _ROW_PIXELS + 3, alt="Runs",
    )  # fmt: skip
    return [lines[place] for place in state.selection.rows]


def _page(lines: Sequence[Line]) -> Sequence[Line]:
    last = -(-len(lines) // _PAGE)
    if last == 1:
        return lines
    # With other filters there may be fewer.
    if st.session_state.get(_PAGE_KEY, 1) > last:
        st.session_state[_PAGE_KEY] = last
    page = st.number_input(f"Page of {last}", 1, last, key=_PAGE_KEY, bind="query-params", width=140)
    return lines[(page - 1) * _PAGE : page * _PAGE]


def _counted(fitting: int, every: int) -> str:
    runs = f"{every:,} runs" if every != 1 else "1 run"
    return runs if fitting == every else f"{fitting:,} of {runs}"
