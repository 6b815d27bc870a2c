"""A two-class and a three-class model on the same photos: where wrong_mask goes, and whom each passes and stops."""

from __future__ import annotations

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.evaluation.compare.wrong_mask_training import Answer, Door, Rate
from core.schema.labels import COLOURS, Label

_TWO, _THREE = "Two classes", "Three classes"
_MODELS = {_TWO: (RUN_COLOURS[1], "circle"), _THREE: (RUN_COLOURS[0], "diamond")}


def calls(answer: Answer) -> go.Figure:
    """What both models predict for the same wrong_mask photos, stacked."""
    figure = go.Figure()
    models = {_TWO: answer.two, _THREE: answer.three}
    for label in Label:
        values = [verdicts.calls.get(label, 0) for verdicts in models.values()]
        figure.add_bar(
            y=list(models), x=values, name=f"predicted {label}", orientation="h", marker={"color": COLOURS[label]},
            text=[value or "" for value in values], textposition="inside",
            hovertemplate="%{y}: %{x} photos predicted as " + label + "<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", title="Predictions for the wrong_mask test photos", margin=MARGIN, height=260,
        legend={"orientation": "h", "y": -0.5, "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(title="wrong_mask test photos")
    figure.update_yaxes(autorange="reversed")
    return figure


def door(own: Door) -> go.Figure:
    """Whom each model stops or passes by mistake, as dumbbells: the less the better."""
    rates = {
        "mask stopped<br>(false alarms)": own.false_alarms,
        "not compliant<br>passes (misses)": own.misses,
        "no_mask<br>passes": own.no_mask,
        "wrong_mask<br>passes": own.wrong_mask,
    }
    shares = {name: _shares(rate) for name, rate in rates.items()}
    figure = go.Figure()
    for name, values in shares.items():
        figure.add_scatter(
            x=values, y=[name] * 2, mode="lines", line={"color": "#808080", "width": 3}, showlegend=False,
            hoverinfo="skip",
        )  # fmt: skip
    for place, (model, (colour, symbol)) in enumerate(_MODELS.items()):
        counts = [f"{(rate.two, rate.three)[place]} of {rate.photos}" for rate in rates.values()]
        figure.add_scatter(
            x=[values[place] for values in shares.values()], y=list(shares), mode="markers", name=model,
            marker={"color": colour, "symbol": symbol, "size": 13}, customdata=counts, cliponaxis=False,
            hovertemplate="%{x:.1f} % (%{customdata} photos)<extra>" + model + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        title="Mistakes at the operating point: less is better", margin=MARGIN, height=340,
        legend={"orientation": "h", "y": -0.3},
    )  # fmt: skip
    figure.update_xaxes(title="Share of the photos concerned (%)", rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure


def _shares(rate: Rate) -> tuple[float, float]:
    return 100 * rate.difference.a, 100 * rate.difference.b
