"""Stress suites as small multiples: a panel per kind, a line per network, over severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.base import MARGIN, RUN_COLOURS
from core.data.disturb import KINDS, SEVERITIES
from core.evaluation.stress.suite import Suite

_UNIT = "Balanced accuracy (%)"
_COLUMNS, _PANEL_HEIGHT = 2, 130


def panels(suites: Mapping[str, Suite], kinds: Sequence[str], title: str) -> go.Figure:
    """Balanced accuracy (%) of each network (name -> suite) over severity 0 (clean photos) to 5, a panel for each kind.

    A panel of what covers the mouth shows the recall of bare faces, from those among the clean photos on.
    """
    lines = -(-len(kinds) // _COLUMNS)
    figure = make_subplots(
        lines, _COLUMNS, shared_xaxes=True, shared_yaxes=True, subplot_titles=[KINDS[kind].title for kind in kinds],
        x_title="Severity (0: clean)", y_title=_UNIT, horizontal_spacing=0.06,
        vertical_spacing=0.3 / max(lines, 2),
    )  # fmt: skip
    for place, (name, suite) in enumerate(suites.items()):
        for index, kind in enumerate(kinds):
            figure.add_trace(
                _line(suite, kind, name, RUN_COLOURS[place % len(RUN_COLOURS)], index == 0 and len(suites) > 1),
                1 + index // _COLUMNS, 1 + index % _COLUMNS,
            )  # fmt: skip
    figure.update_layout(
        title=title, margin=MARGIN | {"l": 56, "t": 64, "b": 48}, height=112 + _PANEL_HEIGHT * lines,
        legend={"orientation": "h", "y": -0.12 * 4 / max(lines, 1)},
    )  # fmt: skip
    figure.update_annotations(font_size=12)
    figure.update_annotations(selector={"text": _UNIT}, xshift=-34)
    figure.update_yaxes(range=[0, 103], tickvals=[0, 50, 100])
    figure.update_xaxes(tickvals=[0, *SEVERITIES], range=[-0.3, 5.3])
    return figure


def _line(suite: Suite, kind: str, name: str, colour: str, in_legend: bool) -> go.Scatter:
    # A suite may be older than a kind.
    cells = [cell for cell in suite.stressed if cell.kind == kind]
    start = [suite.measure(suite.clean_for(kind))] if cells else []
    measured = start + [suite.measure(cell) for cell in cells]
    notes = ["clean", *(KINDS[kind].step(cell.severity) for cell in cells)][: len(measured)]
    return go.Scatter(
        x=[0, *(cell.severity for cell in cells)][: len(measured)],
        y=[100 * own.balanced_accuracy for own in measured], name=name, legendgroup=name, showlegend=in_legend,
        mode="lines+markers", line={"color": colour}, marker={"size": 5},
        customdata=[[note, own.n, own.misses, own.violators] for note, own in zip(notes, measured, strict=True)],
        hovertemplate="%{customdata[0]}: %{y:.0f} % on %{customdata[1]} photos; at the operating point "
        "%{customdata[2]} of %{customdata[3]} without a proper mask pass<extra>" + name + "</extra>",
    )  # fmt: skip
