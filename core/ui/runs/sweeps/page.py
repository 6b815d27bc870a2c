"""Sweeps: those at work or unfinished on Runs, and one sweep's page with the table that fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

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
from core.ui.common.parts import part
from core.ui.compare import ablation_view, new_source
from core.ui.runs import confirm
from core.ui.runs.progress import ICONS, RUNS_PAGE
from core.ui.runs.sweeps import effects
from core.ui.runs.sweeps import rows as sweep_rows

_COMPARE_PAGE = "pages/3_Compare.py"
_EVERY_SECONDS = 2.0
# So many rows are shown whole; more scroll.
_WHOLE, _ROW_PIXELS = 20, 35
_NAME, _NARROW = 320, 214


def _percent(title: str, width: int, text: str) -> Any:
    return st.column_config.NumberColumn(title, format="%.1f", width=width, help=text)


# Together no wider than the page on a laptop.
_COLUMNS = {
    "test acc.": _percent("test", 66, "Test accuracy in percent"),
    "95 % interval": st.column_config.TextColumn(width=100),
    "report A's test": _percent("A: test", 66, "Report A's test accuracy in percent"),
    "report A's validation": _percent("A: val.", 66, "Report A's validation accuracy in percent"),
    "report A's training": _percent("A: train", 68, "Report A's training accuracy in percent"),
    "status": st.column_config.TextColumn(width=88),
    "validation acc.": _percent("validation", 82, "Validation accuracy of the epoch that was kept, in percent"),
    "best epoch": st.column_config.NumberColumn(width=84),
    "time": st.column_config.TextColumn(width=62),
}


def show_list() -> None:
    """The sweeps at work, and those that were never finished; nothing when there is none. A finished one is a row of
    the table."""
    active: list[str] = []
    idle: list[str] = []
    for sweep in sweeps.every():
        if not _over(sweep):
            (active if sweep.state.active else idle).append(sweep.id)
    if active:
        st.header("Sweeps at work")
        st.fragment(_live_cards, run_every=_EVERY_SECONDS)(active)
    if idle:
        with st.expander(f"Unfinished sweeps ({len(idle)})"):
            _cards(idle)


def show(sweep: Sweep) -> None:
    """The sweep's page."""
    st.header(plain(sweep.name))
    st.caption(f"{sweep.created:%d %B %Y, %H:%M} · photos from {plain(sweep.rows[0].config.dataset)}")
    _buttons(sweep)
    done = [standing.trained.id for standing in sweep.standings() if standing.status == "finished"]
    if len(done) > 1:
        query = {"runs": ",".join(done)}
        st.page_link(_COMPARE_PAGE, label="Compare its runs", icon=":material/compare_arrows:", query_params=query)
    st.fragment(_progress, run_every=_EVERY_SECONDS if sweep.state.active else None)(sweep.id)
    if sweep.kind == "ablation" and not sweep.state.active:
        ablation_view.show([one.run for one in sweep.standings() if one.run and one.status == "finished"], "sweep")


def _over(sweep: Sweep) -> bool:
    try:
        return not sweep.state.active and all(standing.status in DONE for standing in sweep.standings())
    except UserError:
        # A damaged one is shown where it can be deleted.
        return False


def _live_cards(sweep_ids: Sequence[str]) -> None:
    _cards(sweep_ids)
    _redraw_when_over(any(sweep.state.active for sweep in _still(sweep_ids)), "sweeps")


def _cards(sweep_ids: Sequence[str]) -> None:
    for sweep in _still(sweep_ids):
        with st.container(border=True):
            try:
                _link(sweep)
                _status(sweep, sweep.standings())
            except UserError as error:
                st.error(plain(str(error)))
            _buttons(sweep)


def _still(sweep_ids: Sequence[str]) -> list[Sweep]:
    """Those that are still there: another page may have deleted one."""
    return [sweep for sweep in sweeps.every() if sweep.id in sweep_ids]


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
    if means := sweep_rows.means(standings):
        st.subheader("Mean ± standard deviation")
        st.dataframe(pd.DataFrame(means), width="stretch", hide_index=True, height="content")
    with part():
        if sweep.kind == "sources":
            new_source.of_sweep(sweep)
        else:
            effects.show(standings)
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
    table = pd.DataFrame(sweep_rows.rows(standings, report_a))

    def open_row() -> None:
        if run := standings[st.session_state["sweep_open"]["row"]].run:
            st.query_params.from_dict({"run": run.id})

    name = st.column_config.ButtonColumn(
        type="tertiary", alignment="left", width=_NARROW if report_a else _NAME, pinned=True,
        on_click=open_row, key="sweep_open", help="Opens the run, once it has begun",
    )  # fmt: skip
    st.dataframe(
        table, width="stretch", hide_index=True, placeholder="", alt="The trainings of this sweep",
        height="content" if len(table) <= _WHOLE else (_WHOLE + 1) * _ROW_PIXELS,
        column_config={"training": name} | _COLUMNS,
    )  # fmt: skip
    if st.session_state.get("sweep_open"):
        st.rerun()
    st.caption("Accuracies in percent, with 95 % intervals by group. Click a training to open its run.")
    if report_a:
        st.caption(
            f"Report A's figures (A) are those of {SOURCE_A}: other photos than yours, and where another network "
            f"stands in {REPORT_A_BACKBONE}'s place, another network. They are no measure of whether yours are good."
        )


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
    if confirm.buttons("Delete the sweep"):
        with part():
            sweeps.delete(sweeps.get(sweep_id))
            st.query_params.pop("sweep", None)
            st.rerun()
