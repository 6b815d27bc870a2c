"""The reliability diagram: how often a network is right where it says how sure it is."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.base import MARGIN, RUN_COLOURS
from core.charts.intervals import QUIET
from core.schema.result import CalibrationResult


def reliability(calibration: CalibrationResult) -> go.Figure:
    """Share of right answers (with its interval) over confidence, both in percent; below it how many photos
    each bin holds. On the dashed line confidence means what it says."""
    bins = calibration.bins
    confidence, right = [100 * own.confidence for own in bins], [100 * own.accuracy for own in bins]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.74, 0.26], vertical_spacing=0.05)
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"dash": "dash", "color": QUIET}, hoverinfo="skip", row=1, col=1
    )
    figure.add_scatter(
        x=confidence, y=right, mode="markers", marker={"size": 9, "color": RUN_COLOURS[0]},
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
            "array": [100 * own.interval[1] - value for own, value in zip(bins, right, strict=True)],
            "arrayminus": [value - 100 * own.interval[0] for own, value in zip(bins, right, strict=True)],
        },
        customdata=[own.n for own in bins],
        hovertemplate="confidence %{x:.1f} %, accuracy %{y:.1f} % of %{customdata} photos<extra></extra>", row=1, col=1,
    )  # fmt: skip
    figure.add_bar(
        x=[50 * (own.low + own.high) for own in bins], y=[own.n for own in bins],
        width=[94 * (own.high - own.low) for own in bins], marker={"color": RUN_COLOURS[0]},
        hovertemplate="%{y} photos<extra></extra>", row=2, col=1,
    )  # fmt: skip
    figure.update_layout(title="Reliability: accuracy by confidence", margin=MARGIN, height=440, showlegend=False)
    # Two classes are never called with less than 50 %, three with less than 33 %.
    least = 100 * min((own.low for own in bins), default=0)
    figure.update_xaxes(range=[max(0, least - 4), 102])
    figure.update_xaxes(title="Confidence (%)", row=2, col=1)
    figure.update_yaxes(title="Accuracy (%)", range=[-4, 104], row=1, col=1)
    figure.update_yaxes(title="Photos", row=2, col=1)
    return figure
