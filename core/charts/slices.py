"""Accuracy in slices of the test photos."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.charts.base import RUN_COLOURS
from core.charts.intervals import QUIET, Dot, dots
from core.evaluation.one_run.slices import AXES, Slice


def accuracies(found: Sequence[Slice], overall: float) -> go.Figure:
    """A dot with its interval for every slice, by axis; orange where it stands out, open and grey where too small. The
    dashed line is the accuracy over all test photos (0..1)."""
    by_name = {(own.axis, own.name): own for own in found if own.accuracy.of}
    blocks = {
        axis: [_dot(by_name[axis, name]) for name in names if (axis, name) in by_name] for axis, names in AXES.items()
    }
    return dots({axis: own for axis, own in blocks.items() if own}, "Accuracy in each slice", "Right", overall)


def _dot(own: Slice) -> Dot:
    share = own.accuracy.share
    colour = RUN_COLOURS[1] if own.stands_out else QUIET if own.too_small else RUN_COLOURS[0]
    return Dot(
        own.name, share.value, share.low, share.high, f" of {own.accuracy.of} photos", own.too_small, colour
    )
