"""Every training of a sweep as a line through its settings to its test accuracy (parallel coordinates)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

_HEIGHT = 340
# Dark enough on white and light enough on black, and in order of lightness for who does not see colours.
_SCALE = ((0.0, "#B4540A"), (0.5, "#8A939B"), (1.0, "#1E8AB8"))


def parallel(trainings: Sequence[tuple[Mapping[str, str], float]]) -> go.Figure:
    """One line per training: its settings as words, and its test accuracy (0..1), by which it is coloured. All have the
    same settings; values stand in the order in which they come, numbers by size."""
    tests = [100 * test for _, test in trainings]
    dimensions = [_dimension(name, [values[name] for values, _ in trainings]) for name in trainings[0][0]]
    figure = go.Figure(
        go.Parcoords(
            dimensions=[*dimensions, {"label": "Test accuracy (%)", "values": tests, "tickformat": ".1f"}],
            line={"color": tests, "colorscale": _SCALE},
            labelfont={"size": 13},
            tickfont={"size": 12},
            rangefont={"size": 12},
        )
    )
    figure.update_layout(height=_HEIGHT, margin={"l": 70, "r": 60, "t": 60, "b": 24})
    return figure


def _dimension(name: str, values: Sequence[str]) -> dict[str, object]:
    known = sorted(dict.fromkeys(values), key=_size)
    places = [known.index(value) for value in values]
    return {"label": name, "values": places, "tickvals": list(range(len(known))), "ticktext": known,
            "range": [-0.2, len(known) - 0.8]}  # fmt: skip


def _size(value: str) -> float:
    """Numbers by size; words stay where they are, before them."""
    try:
        return float(value)
    except ValueError:
        return float("-inf")
