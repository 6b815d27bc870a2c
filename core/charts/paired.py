"""Entries of a comparison: how far each is from the reference, the mistakes of both, and all points of repeats."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.charts.intervals import QUIET
from core.evaluation.compare.entries import Row
from core.evaluation.compare.paired import Difference
from core.evaluation.compare.two_runs import Versus, points

_ZERO = {"dash": "dot", "color": "#808080"}
# Quantity -> name, symbol and height within an entry; drawn from below, so the last stands highest in the legend.
_SERIES = {
    "wrong_mask": ("wrong_mask recall", "circle", 0.24),
    "balanced_accuracy": ("balanced accuracy", "diamond", 0.06),
    "accuracy": ("accuracy", "square", -0.12),
}
_SERIES_COLOURS = {name: RUN_COLOURS[place] for name, place in zip(_SERIES, (1, 2, 0), strict=True)}
_MISTAKES = {"miss_rate": "misses", "false_alarm_rate": "false alarms"}


def forest(found: Sequence[Versus]) -> go.Figure:
    """Differences in accuracy, balanced accuracy and wrong_mask recall to the reference with 95 % intervals; small
    points are single repeats. Entries that can't be compared with the reference are left out."""
    shown = [one for one in found if one.paired]
    figure = go.Figure()
    for quantity, (name, symbol, height) in _SERIES.items():
        own = [(place, getattr(one.paired, quantity)) for place, one in enumerate(shown)]
        own = [(place, each) for place, each in own if each is not None]
        if own:
            figure.add_scatter(
                x=[100 * each.difference for _, each in own], y=[place + height for place, _ in own], name=name,
                mode="markers", marker={"color": _SERIES_COLOURS[quantity], "size": 11, "symbol": symbol},
                error_x=_interval([each for _, each in own], _SERIES_COLOURS[quantity]),
                customdata=[points(each) for _, each in own],
                hovertemplate="%{customdata}<extra>" + name + "</extra>",
            )  # fmt: skip
    _repeats(figure, shown)
    reference = shown[0].reference if shown else ""
    figure.add_vline(x=0, line=_ZERO)
    figure.update_layout(
        title=f"Difference to {reference} on shared photos", margin=MARGIN, height=190 + 64 * len(shown),
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "traceorder": "reversed"},
    )  # fmt: skip
    figure.update_xaxes(title=f"Points (right of 0: better than {reference})", zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(shown))), ticktext=[one.other for one in shown], range=[len(shown) - 0.5, -0.5],
        showgrid=False, zeroline=False,
    )  # fmt: skip
    return figure


def mistakes(found: Sequence[Versus]) -> go.Figure:
    """Misses and false alarms of the reference and each entry on the photos that both share, in percent, as dumbbells:
    the less the better."""
    shown = [one for one in found if one.paired]
    rows = [(one, quantity) for one in shown for quantity in _MISTAKES]
    figure = go.Figure()
    for place, (one, quantity) in enumerate(rows):
        own: Difference = getattr(one.paired, quantity)
        figure.add_scatter(
            x=[100 * own.a, 100 * own.b], y=[place, place], mode="lines", line={"color": QUIET, "width": 3},
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
        for letter, share, symbol in ((one.reference, own.a, "circle-open"), (one.other, own.b, "circle")):
            figure.add_scatter(
                x=[100 * share], y=[place], mode="markers", name=letter, legendgroup=letter, cliponaxis=False,
                showlegend=quantity == "miss_rate" and (letter != one.reference or one is shown[0]),
                marker={
                    "color": colour(letter), "symbol": symbol, "size": 13, "line": {"width": 3, "color": colour(letter)}
                },
                hovertemplate=f"%{{x:.1f}} % {_MISTAKES[quantity]}: {points(own)}<extra>{letter}</extra>",
            )  # fmt: skip
    many = len(shown) > 1
    figure.update_layout(
        title="Misses and false alarms: less is better", margin=MARGIN, height=150 + 52 * len(rows),
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0},
    )  # fmt: skip
    figure.update_xaxes(title="Share of the photos concerned (%)", rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(len(rows))), range=[len(rows) - 0.5, -0.5], showgrid=False, zeroline=False,
        ticktext=[_row_name(one, name, many) for one, name in rows],
    )  # fmt: skip
    return figure


def _row_name(one: Versus, quantity: str, many: bool) -> str:
    # Where only one of the two knows wrong_mask, the photos that both were tested with show bare faces alone.
    bare = "<br>(bare faces)" if one.unknown and quantity == "miss_rate" else ""
    return (f"{one.other}: " if many else "") + _MISTAKES[quantity] + bare


def colour(letter: str) -> str:
    """The colour of an entry: that of its curves, too."""
    return RUN_COLOURS[ascii_uppercase.index(letter[0]) % len(RUN_COLOURS)]


def strip(rows: Sequence[Row], quantity: str = "test") -> go.Figure:
    """Every run of each entry as a point, in percent, with the mean of repeats as a bar."""
    figure = go.Figure()
    for place, row in enumerate(rows):
        values, mean = [100 * value for value in row.known(quantity)], row.mean(quantity)
        colour = RUN_COLOURS[place % len(RUN_COLOURS)]
        names = [f"seed {run.config.seed}, fold {run.config.fold}" for run in row.entry.runs]
        figure.add_scatter(
            x=values, y=[row.entry.letter] * len(values), mode="markers", showlegend=False, customdata=names,
            marker={"color": colour, "size": 9, "opacity": 0.75},
            hovertemplate="%{x:.2f} %, %{customdata}<extra>" + row.entry.letter + "</extra>",
        )  # fmt: skip
        if len(values) > 1 and mean is not None:
            figure.add_scatter(
                x=[100 * mean], y=[row.entry.letter], mode="markers", showlegend=False,
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


def _interval(own: Sequence[Difference], colour: str) -> dict[str, Any]:
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 5, "color": colour,
        "array": [100 * (each.high - each.difference) for each in own],
        "arrayminus": [100 * (each.difference - each.low) for each in own],
    }  # fmt: skip
