"""One test result, on the run's page and on Evaluate: in words, then numbers, then pictures."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.charts.calibration import reliability
from core.charts.intervals import Dot, dots
from core.charts.matrix import confusion
from core.evaluation.wording import sentences
from core.evaluation.wording.operating_words import pass_at
from core.schema.labels import COLOURS
from core.schema.result import Interval, Result
from core.store.runs import Run
from core.text.numbers import percent, span
from core.ui.common import threshold_view
from core.ui.common.page import numbers
from core.ui.common.parts import chart

_NAME_PIXELS = 110
_ACCURACY = "Share of test photos whose likeliest label is the true one, with its 95 % interval."
_MISSED = "Test photos without a well-worn mask that pass at the operating point."
_STOPPED = "Test photos with a well-worn mask that are stopped at the operating point."
_MEASURES = {
    "recall": ("recall", "Share of a label's photos that are predicted as it."),
    "precision": ("precision", "Share of the photos predicted as a label that have it."),
    "F1": ("f1", "The harmonic mean of recall and precision."),
}


def tiles(test: Result) -> None:
    """The three numbers that come first: how often it is right, whom it misses, and whom it stops wrongly."""
    own = test.operating
    numbers(
        (f"Test accuracy ({span(test.accuracy_grouped_interval)})", percent(test.accuracy), _ACCURACY),
        (f"Missed: {own.misses} of {own.violators:,}", percent(own.miss_rate), _MISSED),
        (f"Wrongly stopped: {own.false_alarms} of {own.compliant:,}", percent(own.false_alarm_rate), _STOPPED),
    )


def show(test: Result, key: str, run: Run | None = None) -> None:
    """A test result below its tiles, and the run it is of where that is there; `key` tells this place from others."""
    st.markdown(
        f"{test.n:,} test photos of {test.groups:,} groups. {pass_at(test.operating)}.",
        help=sentences.result(test),
    )
    if dear := sentences.price(test):
        st.markdown(dear)
    if withheld := sentences.unsure(test):
        st.markdown(withheld)
    labels, confidence, door = st.tabs(["Labels", "Confidence", "Operating point"], key=f"{key}_study")
    with labels:
        _labels(test, key)
    with confidence:
        _confidence(test, key)
    with door:
        st.markdown(sentences.door(test))
        threshold_view.show(test, key, run)


def _labels(test: Result, key: str) -> None:
    over = sentences.balanced_over(test)
    st.markdown(
        f"With every label counting the same, it is right on **{percent(test.balanced_accuracy)}** "
        f"({span(test.balanced_accuracy_interval)}): the mean of the recalls{f', {over}' * bool(over)}."
    )
    st.dataframe(
        per_class(test), width="stretch",
        # A phone would cut the labels' names off.
        column_config={"_index": st.column_config.Column(width=_NAME_PIXELS)}
        | {name: st.column_config.Column(help=text) for name, (_, text) in _MEASURES.items()},
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        chart(confusion(test.confusion, test.classes), f"{key}_confusion")
    with right:
        chart(_measures(test), f"{key}_measures")
    st.caption(
        "Intervals of 95 % resample whole groups (a photo, person or burst): they say what other photos of this kind "
        "would show, not what other people or cameras would."
    )


def per_class(test: Result) -> pd.DataFrame:
    """Photos, recall, precision and F1 of each label, the latter as text with their intervals."""
    return pd.DataFrame(
        {
            str(label): {"photos": own.n}
            | {name: _with_interval(*own.measure(key)) for name, (key, _) in _MEASURES.items()}
            for label, own in test.per_class.items()
        }
    ).T


def _with_interval(share: float | None, limits: Interval | None) -> str:
    return percent(share) if share is None else f"{percent(share)} ({span(limits)})"


def _measures(test: Result) -> go.Figure:
    blocks = {
        name: [
            Dot(str(label), share, limits[0], limits[1], colour=COLOURS[label])
            for label, own in test.per_class.items()
            for share, limits in [own.measure(key)]
            if share is not None and limits is not None
        ]
        for name, (key, _) in _MEASURES.items()
    }
    return dots(blocks, "Each label, with 95 % intervals", "Share")


def _confidence(test: Result, key: str) -> None:
    st.markdown(sentences.calibration(test))
    chart(reliability(test.calibration), f"{key}_reliability")
    st.caption(
        "A dot on the dashed line is calibrated; below the line the network is overconfident. A few points of "
        "distance show up with few photos even where the confidences are perfect. A temperature is fitted on "
        "validation photos, where at least one of them is wrong, and changes no label."
    )
