"""The operating point of a test result: what it misses and stops, and a slider that sets another one by validation
photos."""

from __future__ import annotations

import streamlit as st

from core.charts.thresholds import tradeoff
from core.evaluation.one_run import set_point
from core.evaluation.one_run.measure import operating_result
from core.evaluation.one_run.predictions import of_run
from core.evaluation.wording.operating_words import chosen, counted, pass_at
from core.inference.exported import outdated
from core.schema.result import OperatingResult, Result
from core.schema.run_report import RunReport
from core.store import paths, runs
from core.store.runs import Run, finished_report
from core.text.markup import plain
from core.text.numbers import threshold
from core.ui.common.parts import chart, part

_POINT = "The diamond is the operating point that Live, classify and Compare use, with 95 % intervals."


def show(test: Result, key: str, run: Run | None = None) -> None:
    """The operating point, and a slider for another where the run is there; `key` tells this place from others."""
    if run is None:
        chart(tradeoff(test.operating), f"{key}_tradeoff")
        st.caption(
            f"The line is every threshold, on test photos. {_POINT} The run that made the network is gone, and without "
            "its validation photos no other can be chosen."
        )
        return
    with st.container():
        st.fragment(_choice)(run.id, key)


def _choice(run_id: str, key: str) -> None:
    """The slider, what it would change, and the buttons."""
    with part():
        run = runs.get(run_id)
        report = finished_report(run)
        asked = _slider(report, f"{key}_{run.id}")
        tried = _tried(run, asked) if asked is not None else {}
        now = {"validation": report.val.operating, "test": report.test.operating}
        if tried:
            st.markdown(_table(now, tried))
        _buttons(run, report, asked, key)
        chart(tradeoff(now["test"], now["validation"], tried.get("test")), f"{key}_tradeoff")
        st.caption(
            f"The lines are every threshold, on test and on validation photos. {_POINT} Choose another by validation: "
            "chosen by the test photos, it makes their numbers look better than they are."
        )


def _slider(report: RunReport, key: str) -> float | None:
    """The threshold that is tried, 0..1; None for the one in use."""
    own = report.operating_point.threshold
    used = min(99, max(1, round(100 * own)))
    asked = st.slider(
        "Try another: pass at ≥ … % mask", 1, 99, used, format="%d %%", key=f"{key}_{own!r}",
        help="To the right fewer people without a well-worn mask pass (misses), and more who wear theirs well are "
        "stopped (false alarms).",
    )  # fmt: skip
    return None if asked == used else asked / 100


def _tried(run: Run, asked: float) -> dict[str, OperatingResult]:
    """What the threshold would do, by validation and test photos."""
    parts = {"validation": of_run(run, "val"), "test": of_run(run)}
    point = set_point.by_hand(parts["validation"], asked)
    return {name: operating_result(own, point) for name, own in parts.items()}


def _table(now: dict[str, OperatingResult], tried: dict[str, OperatingResult]) -> str:
    """Misses and false alarms now and at the tried threshold, as Markdown."""
    head = f"| | now, {_at(now['test'])} | at {_at(tried['test'])} |\n|---|---|---|\n"
    rows = (
        f"| {kind}, {name} | {counted(now[name], kind)} | {counted(tried[name], kind)} |"
        for name in now for kind in ("misses", "false alarms")
    )  # fmt: skip
    return head + "\n".join(rows)


def _at(own: OperatingResult) -> str:
    return f"≥ {threshold(own.threshold)}"


def _buttons(run: Run, report: RunReport, asked: float | None, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Save it in the model file" if asked is None else f"Save ≥ {threshold(asked)} in the model file"
        if st.button(label, icon=":material/save:", type="primary", disabled=asked is None, key=f"{key}_save"):
            _save(run, report, asked)
        first = set_point.automatic(report)
        if report.automatic_point and st.button(
            f"Back to ≥ {threshold(first.threshold)}", icon=":material/undo:", key=f"{key}_back",
            help=f"{pass_at(first)}, {chosen(first)}.",
        ):  # fmt: skip
            _save(run, report, None)
    if older := outdated(paths.models_dir() / report.model, report.operating_point.threshold):
        st.warning(plain(older), icon=":material/inventory_2:")


def _save(run: Run, report: RunReport, asked: float | None) -> None:
    with part():
        with st.spinner("Writing the model file"):
            set_point.start(run, asked)
        st.toast(plain(f"Saved in {report.model}."), icon=":material/check:")
        st.rerun()
