"""What is in a dataset: photos per label and part, and their sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.data.dataset.split import PART_NAMES
from core.schema.labels import COLOURS, Label

_PART_PATTERNS = {"train": "", "val": "/", "test": "x"}


def label_counts(counts: Mapping[str, Mapping[Label, int]]) -> go.Figure:
    """Photos per label, stacked by part of the split."""
    figure = go.Figure()
    for part, own in counts.items():
        labels = [label for label in Label if any(label in other for other in counts.values())]
        figure.add_bar(
            y=[str(label) for label in labels], x=[own.get(label, 0) for label in labels], orientation="h",
            name=PART_NAMES[part], marker={"color": [COLOURS[label] for label in labels],
            "pattern": {"shape": _PART_PATTERNS[part], "fgcolor": "white"}},
            hovertemplate="%{y}: %{x} photos<extra>" + PART_NAMES[part] + "</extra>",
            text=[own.get(label, 0) for label in labels], textposition="inside",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", title="Photos per label and part", margin=MARGIN, height=260, showlegend=False
    )
    figure.update_xaxes(title="Photos: training | validation (striped) | test (crossed)")
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
