"""The Compare page's tables: accuracies of entries, differences to the reference, and published rows."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.compare import student_reports
from core.evaluation.compare.entries import QUANTITIES, Row
from core.evaluation.compare.paired import Paired
from core.evaluation.compare.two_runs import Versus, limits
from core.evaluation.compare.under_stress import Stressed
from core.text.numbers import span

_PERCENT = {
    "test": ("test", "Accuracy on photos that took no part in training; of repeats, the mean"),
    "balanced": ("balanced", "Mean recall of the labels, on test photos"),
    "miss_rate": ("misses", "Share of test photos without a well-worn mask that pass at the run's operating point"),
    "false_alarm_rate": ("false alarms", "Share of test photos with a well-worn mask that are stopped there"),
    "validation": ("validation", "The best epoch is chosen by this accuracy"),
    "training": ("training", "Accuracy after training, without augmentation or dropout"),
    "custom": ("custom photos", "Accuracy on photos from elsewhere, of which report B had 8"),
}
_NARROW, _WIDE = 64, 112


def _wide(title: str) -> int:
    """Pixels that show a number and the whole title."""
    return max(_NARROW, 20 + 7 * len(title))


_COLUMNS = {
    "entry": st.column_config.TextColumn("", width=40),
    "model": st.column_config.TextColumn("model"),
    "interval": st.column_config.TextColumn(
        "interval or ±", width=_WIDE,
        help="95 % interval of the test accuracy, by group; of repeats, their standard deviation",
    ),
    "tested": st.column_config.NumberColumn("test photos", width=_wide("test photos")),
    "under_stress": st.column_config.NumberColumn(
        "under stress", format="%.1f", width=_wide("under stress"),
        help="Stress score: mean balanced accuracy over every disturbance of the test photos; of repeats, the mean",
    ),
} | {
    name: st.column_config.NumberColumn(title, format="%.2f", help=text, width=_wide(title))
    for name, (title, text) in _PERCENT.items()
}  # fmt: skip
# What matters most comes first: a phone shows the first columns, and the others when it is moved.
_SHOWN = (
    "entry", "test", "interval", "balanced", "miss_rate", "false_alarm_rate", "validation", "training", "tested",
)  # fmt: skip


def _number(title: str | None = None, form: str = "%.1f", text: str | None = None) -> Any:
    return st.column_config.NumberColumn(title, format=form, width=_wide(title or ""), help=text)


def _limits(title: str) -> Any:
    return st.column_config.TextColumn(title, width=_WIDE)


_DIFFERENCES = {
    "": st.column_config.TextColumn(width=40),
    "photos": _number(form="%d"),
    "groups": _number(form="%d"),
    "difference": _number("accuracy", "%+.1f", "Difference in accuracy, in points"),
    "95 % interval": _limits("95 % interval"),
    "balanced": _number("balanced", "%+.1f", "Difference in balanced accuracy, in points"),
    "balanced 95 % interval": _limits("95 % interval"),
    "only it correct": _number("only it", "%d", "Photos that it alone has right"),
    "only reference correct": _number("only ref.", "%d", "Photos that the reference alone has right"),
    "p": _number(form="%.3f"),
    "Holm p": _number(form="%.3f"),
}
_STRESS = {
    "": st.column_config.TextColumn(width=40),
    "photos": _number(form="%d"),
    "clean": _number(form="%+.1f"),
    "clean 95 % interval": _limits("95 % interval"),
    "under stress": _number(form="%+.1f"),
    "stress 95 % interval": _limits("95 % interval"),
    "covered bare face passes": _number("covered passes", "%+.1f", "Bare faces that pass behind a hand, a scarf, ..."),
    "passing 95 % interval": _limits("95 % interval"),
}


def accuracies(rows: Sequence[Row]) -> None:
    """A row an entry, as in report A's table, with a download."""
    table = pd.DataFrame([_percent(row) for row in rows])
    shown = [*_SHOWN, *(["under_stress"] if any(row.under_stress for row in rows) else []), "model"]
    st.dataframe(table[shown], width="stretch", hide_index=True, column_config=_COLUMNS, height="content")
    st.download_button(
        "Download as CSV", table.to_csv(index=False), "mask-lab-comparison.csv", "text/csv", icon=":material/download:"
    )


def differences(found: Sequence[Versus]) -> None:
    """A row a comparison: both accuracies, the differences in points with their intervals, and who alone is right."""
    table = pd.DataFrame([_points(one, one.paired) for one in found if one.paired])
    if len(table) == 1:
        table = table.drop(columns="Holm p")
    st.dataframe(table, width="stretch", hide_index=True, column_config=_DIFFERENCES, height="content")
    st.caption(
        "Differences in points with paired 95 % intervals that resample whole groups (photo, "
        "person or burst). p is of the difference in accuracy, by the same draws: below 0.05 where the interval "
        "excludes 0; Holm's is adjusted for all rows. “No difference shown” is not “no difference”."
    )


def stress(found: Sequence[Stressed]) -> None:
    """A row a pair of runs with stress suites."""
    rows = [
        {
            "": one.other,
            "seed": one.seed,
            "fold": one.fold,
            "photos": one.photos,
            "clean": 100 * one.clean.difference,
            "clean 95 % interval": limits(one.clean),
            "under stress": 100 * one.score.difference,
            "stress 95 % interval": limits(one.score),
            "covered bare face passes": 100 * one.passing.difference,
            "passing 95 % interval": limits(one.passing),
        }
        for one in found
    ]
    table = pd.DataFrame(rows)
    if len(table) == table[""].nunique():
        table = table.drop(columns=["seed", "fold"])
    st.dataframe(table, width="stretch", hide_index=True, column_config=_STRESS, height="content")
    st.caption(
        "Differences in points with paired 95 % intervals: balanced accuracy on clean photos and as a mean over all "
        "disturbances, and the share of bare faces that pass behind a hand, a scarf or the like (less is better)."
    )


def reported() -> None:
    """The two reports' published rows."""
    rows = [vars(row) for row in (*student_reports.REPORT_A, *student_reports.REPORT_B)]
    st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True, column_config=_COLUMNS, height="content")


def _percent(row: Row) -> dict[str, Any]:
    spread = row.deviation("test")
    words = span(row.interval) if row.interval else f"± {100 * (spread or 0):.1f} ({len(row.models)} runs)"
    deviations = {name: row.deviation(name) for name in QUANTITIES}
    return {
        "entry": row.entry.letter,
        "model": row.models[0] if len(row.models) == 1 else row.entry.name,
        **{name: None if (own := row.mean(name)) is None else 100 * own for name in QUANTITIES},
        "interval": words,
        "tested": row.tested,
        "under_stress": 100 * fmean(row.under_stress) if row.under_stress else None,
        **{f"{name}_deviation": None if own is None else 100 * own for name, own in deviations.items()},
        "runs": " ".join(run.id for run in row.entry.runs),
    }


def _points(one: Versus, found: Paired) -> dict[str, Any]:
    accuracy, balanced = found.accuracy, found.balanced_accuracy
    return {
        "": one.other,
        "photos": one.photos,
        "groups": found.groups,
        "difference": 100 * accuracy.difference,
        "95 % interval": limits(accuracy),
        "balanced": 100 * balanced.difference,
        "balanced 95 % interval": limits(balanced),
        "only it correct": found.only_b_right,
        "only reference correct": found.only_a_right,
        "p": found.p_value,
        "Holm p": one.p_holm,
    }
