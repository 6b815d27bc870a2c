"""Numbers as dots with their intervals, in named blocks: the eye compares what overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.text.numbers import span

# For what should not draw the eye; readable on both backgrounds.
QUIET = "#8A939B"
_ROW = 24


@dataclass(frozen=True)
class Dot:
    """A share with its interval, all 0..1. An `open` dot is one to be careful with; `note` is shown on hovering."""

    name: str
    value: float
    low: float
    high: float
    note: str = ""
    open: bool = False
    colour: str = RUN_COLOURS[0]


def dots(blocks: Mapping[str, Sequence[Dot]], title: str, quantity: str, reference: float | None = None) -> go.Figure:
    """One row per dot, under its block's name, in percent of `quantity`; `reference` (0..1) is a dashed line."""
    figure = go.Figure()
    rows: list[str] = []
    for block, own in blocks.items():
        rows.append(f"<b>{block}</b>")
        for dot in own:
            figure.add_trace(_trace(dot, len(rows)))
            rows.append(dot.name)
    if reference is not None:
        figure.add_vline(x=100 * reference, line={"dash": "dash", "color": QUIET, "width": 1})
    figure.update_layout(title=title, margin=MARGIN, height=110 + _ROW * len(rows), showlegend=False)
    figure.update_xaxes(title=f"{quantity} (%)")
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=rows, range=[len(rows) - 0.4, -0.6], showgrid=False, zeroline=False
    )
    return figure


def _trace(dot: Dot, row: int) -> go.Scatter:
    spread = span((dot.low, dot.high))
    return go.Scatter(
        x=[100 * dot.value], y=[row], mode="markers",
        marker={
            "size": 10, "color": dot.colour, "symbol": "circle-open" if dot.open else "circle",
            "line": {"width": 2, "color": dot.colour},
        },
        error_x={
            "type": "data", "symmetric": False, "array": [100 * (dot.high - dot.value)],
            "arrayminus": [100 * (dot.value - dot.low)], "thickness": 1.5, "width": 4, "color": dot.colour,
        },
        hovertemplate=f"{dot.name}: %{{x:.1f}} % ({spread}){dot.note}<extra></extra>",
    )  # fmt: skip
