"""What is in a dataset: photos per label and part, and their sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.data.dataset.split import PART_NAMES
from core.schema.labels import COLOURS, Label

_ROW = 24


def label_counts(counts: Mapping[str, Mapping[Label, int]]) -> go.Figure:
    """Photos per label and part of the split: a bar for each, with its number beside it."""
    labels = [label for label in Label if any(label in own for own in counts.values())]
    rows = [(label, part, counts[part].get(label, 0)) for label in labels for part in counts]
    figure = go.Figure(
        go.Bar(
            y=[f"{label}, {PART_NAMES[part]}" for label, part, _ in rows],
            x=[count for _, _, count in rows], orientation="h",
            marker={"color": [COLOURS[label] for label, _, _ in rows]},
            text=[f"{count:,}" for _, _, count in rows], textposition="outside", cliponaxis=False,
            hovertemplate="%{y}: %{x} photos<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        title="Photos per label and part", margin=MARGIN | {"r": 48}, height=80 + _ROW * len(rows), bargap=0.25
    )
    figure.update_xaxes(visible=False, rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure


def sizes(sides: Sequence[int], chosen: int) -> go.Figure:
    """Histogram of the photos' shorter side in pixels, with the network's image size as a line."""
    figure = go.Figure(go.Histogram(x=list(sides), nbinsx=40, marker={"color": RUN_COLOURS[0]}))
    figure.add_vline(x=chosen, line={"dash": "dash", "color": RUN_COLOURS[1]}, annotation_text="image size")
    figure.update_layout(title="Shorter side of the photos", margin=MARGIN, height=260)
    figure.update_xaxes(title="Pixels")
    figure.update_yaxes(title="Photos")
    return figure
