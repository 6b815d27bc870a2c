"""The charts: curves of runs, confusion matrix, photos a label, sizes, and the wrong_mask question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.data.split import PART_NAMES
from core.evaluation.compare import Answer
from core.labels import COLOURS, Label

# Dark and light enough to be told apart on both backgrounds.
RUN_COLOURS = ("#3B8FC2", "#C46A2B", "#8E6BBF", "#7A9A2E", "#C0568F", "#6F8B99", "#A8842C", "#B84A4A")
_MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}
_PART_PATTERNS = {"train": "", "val": "/", "test": "x"}


def curves(metrics: Mapping[str, Sequence[Mapping[str, float]]], quantity: str, smooth: int = 1) -> go.Figure:
    """Training (solid) and validation (dashed) curves of one or more runs; quantity is loss or accuracy.

    Accuracy is drawn in percent; `smooth` is the width of a running mean in epochs.
    """
    figure = go.Figure()
    scale = 100 if quantity == "accuracy" else 1
    for index, (name, rows) in enumerate(metrics.items()):
        colour = RUN_COLOURS[index % len(RUN_COLOURS)]
        for part, dash in (("train", "solid"), ("val", "dash")):
            values = _running_mean([scale * row[f"{part}_{quantity}"] for row in rows], smooth)
            several = len(metrics) > 1
            label = name if several and part == "train" else PART_NAMES[part]
            figure.add_scatter(
                x=[row["epoch"] for row in rows], y=values, name=label, mode="lines+markers",
                line={"color": colour if part == "train" or several else RUN_COLOURS[1], "dash": dash},
                marker={"size": 5}, hovertemplate="%{y:.3g} " + PART_NAMES[part],
                legendgroup=name, showlegend=not several or part == "train",
            )  # fmt: skip
    title = quantity.capitalize() + ("" if len(metrics) == 1 else ": solid training, dashed validation")
    figure.update_layout(
        title=title, margin=_MARGIN, height=320, legend={"orientation": "h", "y": -0.28}, hovermode="x unified"
    )
    figure.update_yaxes(title="Accuracy (%)" if quantity == "accuracy" else "Cross-entropy")
    longest = max((len(rows) for rows in metrics.values()), default=0)
    figure.update_xaxes(title="Epoch", dtick=1 if longest < 16 else None)
    return figure


def confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> go.Figure:
    """Confusion matrix: rows true, columns predicted; cells show photos and the share of their row."""
    totals = [sum(row) or 1 for row in matrix]
    shares = [[100 * cell / total for cell in row] for row, total in zip(matrix, totals, strict=True)]
    text = [
        [f"{cell}<br>{share:.0f} %" for cell, share in zip(row, line, strict=True)]
        for row, line in zip(matrix, shares, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=list(classes), y=list(classes), text=text, texttemplate="%{text}", zmin=0, zmax=100,
            colorscale=[[0, "#E3EEF3"], [1, "#0B6E99"]], showscale=False,
            hovertemplate="true %{y}, called %{x}: %{text}<extra></extra>",
        )  # fmt: skip
    )
    title = "Photos called… (share of each true label)"
    figure.update_layout(title=title, margin=_MARGIN, height=90 + 90 * len(classes))
    figure.update_yaxes(title="True label", autorange="reversed")
    figure.update_xaxes(title="Predicted label")
    return figure


def label_counts(counts: Mapping[str, Mapping[Label, int]]) -> go.Figure:
    """Photos a label, stacked by part of the split."""
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
        barmode="stack", title="Photos a label and part", margin=_MARGIN, height=260, showlegend=False
    )
    figure.update_xaxes(title="Photos: training | validation (striped) | test (crossed)")
    figure.update_yaxes(autorange="reversed")
    return figure


def sizes(sides: Sequence[int], chosen: int) -> go.Figure:
    """Histogram of the photos' shorter side in pixels, with the network's image size as a line."""
    figure = go.Figure(go.Histogram(x=list(sides), nbinsx=40, marker={"color": RUN_COLOURS[0]}))
    figure.add_vline(x=chosen, line={"dash": "dash", "color": RUN_COLOURS[1]}, annotation_text="image size")
    figure.update_layout(title="Shorter side of the photos", margin=_MARGIN, height=260)
    figure.update_xaxes(title="Pixels")
    figure.update_yaxes(title="Photos")
    return figure


def wrong_mask_answer(answer: Answer) -> go.Figure:
    """What both models call the same wrong_mask photos, stacked."""
    figure = go.Figure()
    models = {"Two classes": answer.two, "Three classes": answer.three}
    for label in Label:
        values = [verdicts.calls.get(label, 0) for verdicts in models.values()]
        figure.add_bar(
            y=list(models), x=values, name=f"called {label}", orientation="h", marker={"color": COLOURS[label]},
            text=[value or "" for value in values], textposition="inside",
            hovertemplate="%{y}: %{x} photos called " + label + "<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", title="The same wrong_mask test photos", margin=_MARGIN, height=230,
        legend={"orientation": "h", "y": -0.5, "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(title="Photos")
    figure.update_yaxes(autorange="reversed")
    return figure


def _running_mean(values: Sequence[float], width: int) -> list[float]:
    return [sum(values[max(0, i - width + 1) : i + 1]) / min(width, i + 1) for i in range(len(values))]
