"""The learning curves of the compared runs over each other, smoothed as wanted, with one cursor for all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts import training as charts
from core.evaluation.compare.repeats import Entry
from core.text.markup import plain
from core.ui.common.parts import chart
from core.ui.compare import address

_WIDEST = 10
_KEY = "compare_smoothing"


def show(chosen: Sequence[Entry], linked: bool) -> None:
    """Accuracy and loss of each entry's first run; where `linked`, smoothed as the address says. Raises UserError for
    damaged metrics."""
    metrics = {entry.letter: entry.runs[0].metrics() for entry in chosen}
    if not any(metrics.values()):
        st.caption("These runs have no learning curves.")
        return
    smooth = _smoothing(linked)
    left, right = st.columns(2)
    with left:
        chart(charts.curves(metrics, "accuracy", smooth), "compare_accuracy")
    with right:
        chart(charts.curves(metrics, "loss", smooth), "compare_loss")
    st.caption(
        " · ".join(f"**{entry.letter}** {plain(entry.name)}" for entry in chosen)
        + (". Of repeats, the first." if any(len(entry.runs) > 1 for entry in chosen) else "")
    )


def _smoothing(linked: bool) -> int:
    asked = (address.listed("smoothing") or ["1"])[0]
    if linked or _KEY not in st.session_state:
        st.session_state[_KEY] = min(max(int(asked), 1), _WIDEST) if asked.isdecimal() and len(asked) < 3 else 1
    smooth = st.slider(
        "Smoothing (epochs)", 1, _WIDEST, st.session_state[_KEY], key=_KEY, persist_state="session",
        help="Each point is the mean of so many epochs up to it.",
    )  # fmt: skip
    address.keep("smoothing", [str(smooth)] if smooth > 1 else [])
    return smooth
