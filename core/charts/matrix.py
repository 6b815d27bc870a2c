"""The confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.base import MARGIN


def confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> go.Figure:
    """Confusion matrix: rows true, columns predicted; cells show photos and the share of their row."""
    names = list(map(str, classes))
    shares = [[100 * cell / (sum(row) or 1) for cell in row] for row in matrix]
    text = [
        [f"{cell}<br>{share:.0f} %" if any(row) else "no photos" for cell, share in zip(row, line, strict=True)]
        for row, line in zip(matrix, shares, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=names, y=names, text=text, texttemplate="%{text}", zmin=0, zmax=100,
            colorscale=[[0, "#E3EEF3"], [1, "#0B6E99"]], showscale=False,
            hovertemplate="true %{y}, predicted %{x}: %{text}<extra></extra>",
        )  # fmt: skip
    )
    title = "Confusion matrix (share of each true label)"
    figure.update_layout(title=title, margin=MARGIN, height=90 + 90 * len(classes))
    figure.update_yaxes(title="True label", autorange="reversed")
    figure.update_xaxes(title="Predicted label")
    return figure
