"""Sweeps: those at work or unfinished on Runs, and one sweep's page with the table that fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from core.evaluation.compare.student_reports import SOURCE_A
from core.schema.errors import UserError
from core.schema.presets import REPORT_A_BACKBONE
from core.store import sweeps
from core.store.sweeps import DONE, Standing, Sweep
from core.text.markup import plain
from core.text.numbers import duration
from core.training.sweeps import sweeper
from core.ui.compare import ablation_view
from core.ui.runs import sweep_table
from core.ui.runs.progress import ICONS, RUNS_PAGE

_EVERY_SECONDS = 2.0
# So many rows are shown whole; more scroll.
_WHOLE, _ROW_PIXELS = 20, 35
_FINISHED_SHOWN = 10
_PERCENT = st.column_config.NumberColumn(format="%.1f")


def show_list() -> None:
    """The sweeps at work or unfinished, and links to the newest finished ones; nothing when there is none."""
    open_ids: list[str] = []
    finished: list[str] = []
    for sweep in sweeps.every():
        (finished if _over(sweep) else open_ids).append(sweep.id)
    if not open_ids and not finished:
        return
    st.subheader("Sweeps")
    if open_ids:
        active = any(sweeps.get(sweep_id).state.active for sweep_id in open_ids)
        st.fragment(_cards, run_every=_EVERY_SECONDS if active else None)(open_ids)
    if finished:
        with st.expander(f"Finished sweeps ({len(finished)})"):
            for sweep_id in finished[:_FINISHED_SHOWN]:
                _link(sweeps.get(sweep_id))


def show(sweep: Sweep) -> None:
    """The sweep's page."""
    st.header(plain(sweep.name))
    st.caption(f"{sweep.created:%d %B %Y, %H:%M} · photos from {plain(sweep.rows[0].config.dataset)}")
    _buttons(sweep)
    st.fragment(_progress, run_every=_EVERY_SECONDS if sweep.state.active else None)(sweep.id)
    if sweep.kind == "ablation" and not sweep.state.active:
        ablation_view.show([one.run for one in sweep.standings() if one.run and one.status == "finished"], "sweep")


def _over(sweep: Sweep) -> bool:
    try:
        return not sweep.state.active and all(standing.status in DONE for standing in sweep.standings())
    except UserError:
        # A damaged one is shown where it can be deleted.
        return False


def _cards(sweep_ids: Sequence[str]) -> None:
    # Another page may have deleted one.
    shown = [sweep for sweep in sweeps.every() if sweep.id in sweep_ids]
    for sweep in shown:
        with st.container(border=True):
            try:
                _link(sweep)
                _status(sweep, sweep.standings())
            except UserError as error:
                st.error(plain(str(error)))
            _buttons(sweep)
    _redraw_when_over(any(sweep.state.active for sweep in shown), "sweeps")


def _link(sweep: Sweep) -> None:
    icon = ICONS["running" if sweep.state.active else "finished" if _over(sweep) else "stopped"]
    label = f"{sweep.name} ({sweep.created:%d %b %H:%M})"
    st.page_link(RUNS_PAGE, label=plain(label), icon=icon, query_params={"sweep": sweep.id})


def _progress(sweep_id: str) -> None:
    """The part that moves; redraws the whole page once when the sweep has ended."""
    sweep = sweeps.get(sweep_id)
    standings, active = sweep.standings(), sweep.state.active
    _status(sweep, standings)
    _table(sweep, standings)
    if means := sweep_table.means(standings):
        st.subheader("Mean ± standard deviation")
        st.dataframe(pd.DataFrame(means), width="stretch", hide_index=True, height="content")
    for standing in standings:
        if standing.status == "failed":
            st.error(plain(f"{standing.row.name}: {standing.message}"), icon=ICONS["failed"])
    _redraw_when_over(active, sweep_id)


def _redraw_when_over(active: bool, key: str) -> None:
    seen = f"seen_active_{key}"
    if active:
        st.session_state[seen] = True
    elif st.session_state.pop(seen, False):
        st.rerun()


def _status(sweep: Sweep, standings: Sequence[Standing]) -> None:
    """One bar: how many rows are done, and how long the others take."""
    state, total = sweep.state, len(standings)
    done = sum(standing.status in DONE for standing in standings)
    words = f"{sum(standing.status == 'finished' for standing in standings)} of {total} trainings"
    if state.active:
        seconds = sweeper.seconds_left(sweep, standings)
        left = f", about {duration(seconds)} left" if seconds else ""
        share = done + sum((one.run.state.progress for one in standings if one.run and one.status == "running"), 0.0)
        st.progress(min(share / total, 1.0), f"{words}{left}: {plain(state.message)}")
    elif done == total:
        st.success(f"{words} finished.", icon=ICONS["finished"])
        if sweep.custom_photos and state.status == "failed":
            st.warning(plain(state.message))
    else:
        failed = sum(standing.status == "failed" for standing in standings)
        more = f", {failed} failed" if failed else ""
        st.progress(done / total, f"{words} finished{more}. {_ended(sweep)} Resume trains the others.")


def _ended(sweep: Sweep) -> str:
    state = sweep.state
    if state.status == "finished":
        return ""
    return "Stopped." if state.status == "stopped" else f"Interrupted: {plain(state.message)}"


def _table(sweep: Sweep, standings: Sequence[Standing]) -> None:
    report_a = sweep.kind == "report_a"
    table = pd.DataFrame(sweep_table.rows(standings, report_a))
    shares = [name for name in table.columns if "acc." in name or name.startswith("report A's")]
    chosen = st.dataframe(
        table, width="stretch", hide_index=True, on_select="rerun", selection_mode="single-row", key="sweep_table",
        height="content" if len(table) <= _WHOLE else (_WHOLE + 1) * _ROW_PIXELS, placeholder="",
        column_config={"training": st.column_config.Column(pinned=True)} | dict.fromkeys(shares, _PERCENT),
    )  # fmt: skip
    st.caption("Accuracies in percent, with 95 % intervals by group. Select a row to open its run.")
    if report_a:
        st.caption(
            f"Report A's figures are those of {SOURCE_A}: other photos than yours, and where another network stands in "
            f"{REPORT_A_BACKBONE}'s place, another network. They are no measure of whether yours are good."
        )
    if (picked := chosen.selection.rows) and (run := standings[picked[0]].run):
        st.query_params.from_dict({"run": run.id})
        st.rerun()


def _buttons(sweep: Sweep) -> None:
    active = sweep.state.active
    with st.container(horizontal=True):
        stop = active and _button("Stop", "stop", sweep, "The running training keeps its last finished epoch.")
        resume = not active and not _over(sweep) and _button("Resume", "play_arrow", sweep)
        if not active and _button("Delete", "delete", sweep):
            _ask_delete(sweep.id)
    try:
        if stop:
            sweeper.ask_to_stop(sweep)
            st.toast("Asked the sweep to stop.")
        if resume:
            sweeper.resume(sweep)
            st.rerun()
    except UserError as error:
        # A part of the page that redraws itself has nobody above it who would say this.
        st.error(plain(str(error)))


def _button(label: str, icon: str, sweep: Sweep, text: str | None = None) -> bool:
    kind: Literal["primary", "secondary"] = "primary" if label == "Resume" else "secondary"
    return st.button(label, icon=f":material/{icon}:", type=kind, key=f"{label}_{sweep.id}", help=text)


@st.dialog("Delete this sweep?")
def _ask_delete(sweep_id: str) -> None:
    st.write("Only the list of its trainings is removed; their runs and networks stay.")
    if st.button("Delete it", type="primary"):
        sweeps.delete(sweeps.get(sweep_id))
        st.query_params.clear()
        st.rerun()
