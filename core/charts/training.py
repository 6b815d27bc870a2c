"""Curves of loss and accuracy over epochs, of one run or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.data.dataset.split import PART_NAMES


@dataclass(frozen=True)
class _Line:
    """`column` of the metrics is "<column>_<quantity>"."""

    column: str
    name: str
    dash: str
    colour: str = ""


# Training is measured twice, because training mode alone would look worse than validation for no reason of learning.
_ONE_RUN = (
    _Line("train", "training, during the epoch (augmented, dropout)", "solid", RUN_COLOURS[0]),
    _Line("measured_train", "training (without augmentation)", "dot", RUN_COLOURS[0]),
    _Line("val", PART_NAMES["val"], "dash", RUN_COLOURS[1]),
)
# Points of a curve among many: more than a screen can tell apart only take time.
_POINTS = 120
# Each of so few is numbered on the axis.
_FEW_EPOCHS = 16
_SEVERAL_RUNS = (_Line("train", PART_NAMES["train"], "solid"), _Line("val", PART_NAMES["val"], "dash"))


def curves(metrics: Mapping[str, Sequence[Mapping[str, float]]], quantity: str, smooth: int = 1) -> go.Figure:
    """Curves of one or more runs, from run name to rows of metrics; quantity is loss or accuracy.

    One run: training in training mode (solid), the same photos measured as validation's are (dotted), and validation
    (dashed). Several runs, each in its colour: training (solid) and validation (dashed). Accuracy is drawn in percent;
    `smooth` is the width of a running mean in epochs.
    """
    scale, several, many = 100 if quantity == "accuracy" else 1, len(metrics) > 1, len(metrics) > len(RUN_COLOURS)
    traces = []
    for index, (run, rows) in enumerate(metrics.items()):
        for line in _SEVERAL_RUNS if several else _ONE_RUN:
            values = _running_mean([scale * row[f"{line.column}_{quantity}"] for row in rows], smooth)
            shown = _thinned(len(rows)) if many else range(len(rows))
            traces.append({
                "type": "scatter", "x": [rows[place]["epoch"] for place in shown],
                "y": [values[place] for place in shown],
                "name": run if several else line.name, "mode": "lines" if many else "lines+markers",
                "line": {"color": line.colour or _colour(index, many), "dash": line.dash, "width": 1 if many else 2},
                "marker": {"size": 5}, "hovertemplate": "%{y:.3g} " + (line.name if several else ""),
                "legendgroup": run if several else None, "showlegend": not several or line.column == "train",
            })  # fmt: skip
    figure = go.Figure(traces)
    title = quantity.capitalize() + (": solid training, dashed validation" if several else "")
    # A legend of many runs beside the curves scrolls; below them it would leave them no room.
    legend = {"orientation": "v"} if many else {"orientation": "h", "y": -0.28}
    figure.update_layout(
        title=title, margin=MARGIN, height=440 if many else 340, legend=legend,
        hovermode="closest" if many else "x unified",
    )  # fmt: skip
    figure.update_yaxes(title="Accuracy (%)" if quantity == "accuracy" else "Cross-entropy")
    longest = max((len(rows) for rows in metrics.values()), default=0)
    figure.update_xaxes(title="Epoch", dtick=1 if longest < _FEW_EPOCHS else None)
    return figure


def paces(rows: Sequence[Mapping[str, float]], column: str) -> go.Figure:
    """The learning rate or the images per second over the epochs of one run."""
    title = {"learning_rate": "Learning rate", "images_per_second": "Images per second"}[column]
    figure = go.Figure(
        {
            "type": "scatter", "x": [row["epoch"] for row in rows], "y": [row[column] for row in rows],
            "mode": "lines+markers", "line": {"color": RUN_COLOURS[0]}, "marker": {"size": 5},
            "hovertemplate": "%{y:.3g}",
        }
    )  # fmt: skip
    figure.update_layout(title=title, margin=MARGIN, height=240, showlegend=False, hovermode="x unified")
    figure.update_xaxes(title="Epoch", dtick=1 if len(rows) < _FEW_EPOCHS else None)
    figure.update_yaxes(rangemode="tozero")
    return figure


def _colour(index: int, many: bool) -> str:
    # Steps of the golden angle: neighbours in the legend differ most, and no colour comes again.
    return f"hsl({index * 137.5 % 360:.0f}, 60%, 48%)" if many else RUN_COLOURS[index]


def _thinned(count: int) -> Sequence[int]:
    """At most _POINTS places of so many, evenly, with the last."""
    step = -(-count // _POINTS)
    return sorted({*range(0, count, step), count - 1}) if count > _POINTS else range(count)


def _running_mean(values: Sequence[float], width: int) -> list[float]:
    return [sum(values[max(0, i - width + 1) : i + 1]) / min(width, i + 1) for i in range(len(values))]
