"""Entries of a comparison: how far each is from the reference, and all points of repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.evaluation.compare.entries import Row
from core.evaluation.compare.paired import Difference
from core.evaluation.compare.two_runs import Versus, points

_ZERO = {"dash": "dot", "color": "#808080"}


def forest(found: Sequence[Versus]) -> go.Figure:
    """Differences in accuracy and balanced accuracy to the reference with 95 % intervals; small points are single
    repeats. Entries that share no photo with the reference are left out."""
    shown = [one for one in found if one.paired]
    figure = go.Figure()
    # Drawn from below, so the last series stands highest within an entry.
    for colour, name, quantity in (
        (RUN_COLOURS[2], "balanced accuracy", "balanced_accuracy"), (RUN_COLOURS[0], "accuracy", "accuracy"),
    ):  # fmt: skip
        own = [getattr(one.paired, quantity) for one in shown]
        figure.add_scatter(
            x=[100 * each.difference for each in own], y=_heights(len(shown), quantity), name=name, mode="markers",
            marker={"color": colour, "size": 11, "symbol": "square" if quantity == "accuracy" else "diamond"},
            error_x=_interval(own, colour), customdata=[points(each) for each in own],
            hovertemplate="%{customdata}<extra>" + name + "</extra>",
        )  # fmt: skip
    _repeats(figure, shown)
    reference = shown[0].reference if shown else ""
    figure.add_vline(x=0, line=_ZERO)
    figure.update_layout(
        title=f"Difference to {reference} on shared test photos", margin=MARGIN, height=190 + 64 * len(shown),
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "traceorder": "reversed"},
    )  # fmt: skip
    figure.update_xaxes(title=f"Points of accuracy (right of 0: better than {reference})", zeroline=False)
    figure.update_yaxes(
        title="Entry", tickvals=list(range(len(shown))), ticktext=[one.other for one in shown],
        range=[len(shown) - 0.5, -0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    return figure


def strip(rows: Sequence[Row], quantity: str = "test") -> go.Figure:
    """Every run of each entry as a point, in percent, with the mean of repeats as a bar."""
    figure = go.Figure()
    for place, row in enumerate(rows):
        values = [100 * value for value in row.points[quantity]]
        colour = RUN_COLOURS[place % len(RUN_COLOURS)]
        names = [f"seed {run.config.seed}, fold {run.config.fold}" for run in row.entry.runs]
        figure.add_scatter(
            x=values, y=[row.entry.letter] * len(values), mode="markers", showlegend=False, customdata=names,
            marker={"color": colour, "size": 9, "opacity": 0.75},
            hovertemplate="%{x:.2f} %, %{customdata}<extra>" + row.entry.letter + "</extra>",
        )  # fmt: skip
        if len(values) > 1:
            figure.add_scatter(
                x=[100 * row.mean(quantity)], y=[row.entry.letter], mode="markers", showlegend=False,
                marker={"color": colour, "size": 26, "symbol": "line-ns", "line": {"width": 3, "color": colour}},
                hovertemplate="mean %{x:.2f} %<extra>" + row.entry.letter + "</extra>",
            )  # fmt: skip
    figure.update_layout(
        title="Test accuracy of every run (bar: mean)", margin=MARGIN, height=130 + 44 * len(rows)
    )  # fmt: skip
    figure.update_xaxes(title="Test accuracy (%)")
    figure.update_yaxes(title="Entry", autorange="reversed", type="category")
    return figure


def _repeats(figure: go.Figure, shown: Sequence[Versus]) -> None:
    points = [
        (100 * own.difference, place - 0.34, f"seed {own.seed}, fold {own.fold}: {own.photos} photos")
        for place, one in enumerate(shown) if len(one.repeats) > 1 for own in one.repeats
    ]  # fmt: skip
    if points:
        x, y, words = zip(*points, strict=True)
        figure.add_scatter(
            x=x, y=y, customdata=words, name="each repeat", mode="markers",
            marker={"color": RUN_COLOURS[0], "size": 6, "opacity": 0.6},
            hovertemplate="%{x:+.1f} points, %{customdata}<extra></extra>",
        )  # fmt: skip


def _heights(count: int, quantity: str) -> list[float]:
    return [place + (-0.12 if quantity == "accuracy" else 0.14) for place in range(count)]


def _interval(own: Sequence[Difference], colour: str) -> dict[str, Any]:
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 5, "color": colour,
        "array": [100 * (each.high - each.difference) for each in own],
        "arrayminus": [100 * (each.difference - each.low) for each in own],
    }  # fmt: skip
