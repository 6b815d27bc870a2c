"""A chart as a page can hold it: its figure as JSON without its title, which the page sets as text that can wrap."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from core.charts import calibration, data, matrix, slices, thresholds, training
from core.charts.intervals import Dot, dots
from core.data.disturb import KINDS
from core.report.material import Material
from core.schema.labels import COLOURS
from core.schema.result import Result

_TOP = 12
# Letters of an axis title that a phone has room for beside the labels of the other axis.
_LINE = 40
_AXIS = {"automargin": True, "zeroline": False, "title": {"standoff": 12}}
# No colours of paper or text: the page gives them, light or dark.
_CLEAR = "rgba(0,0,0,0)"
_TEMPLATE = {"layout": {"paper_bgcolor": _CLEAR, "plot_bgcolor": _CLEAR, "xaxis": _AXIS, "yaxis": _AXIS}}


@dataclass(frozen=True)
class Chart:
    """`figure` is what Plotly.newPlot takes (data and layout), `height` in pixels."""

    title: str
    height: int
    figure: dict[str, Any]


def chart(figure: go.Figure) -> Chart:
    """The chart of a figure, which is changed."""
    title, height = figure.layout.title.text or "", int(figure.layout.height or 320)
    figure.update_layout(title=None, template=_TEMPLATE, margin_t=_TOP, height=height)
    figure.for_each_xaxis(lambda axis: axis.update(title_text="<br>".join(wrap(axis.title.text or "", _LINE))))
    return Chart(title, height, json.loads(figure.to_json()))


def counts(material: Material) -> Chart:
    """Photos per label and part."""
    return chart(data.label_counts(material.counts))


def curves(metrics: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Chart]:
    """Accuracy and loss over epochs, of one run or several by name."""
    return [chart(training.curves(metrics, quantity)) for quantity in ("accuracy", "loss")]


def confusion(test: Result) -> Chart:
    """Photos by true and predicted label."""
    return chart(matrix.confusion(test.confusion, test.classes))


def per_class(test: Result) -> Chart:
    """Recall, precision and F1 of each label with their intervals."""
    blocks = {
        name: [
            Dot(str(label), share, limits[0], limits[1], colour=COLOURS[label])
            for label, own in test.per_class.items()
            for share, limits in [own.measure(key)] if share is not None and limits is not None
        ]
        for name, key in (("recall", "recall"), ("precision", "precision"), ("F1", "f1"))
    }
    return chart(dots(blocks, "Each label with 95 % intervals", "Share"))


def reliability(test: Result) -> Chart:
    """How often it is right where it says how sure it is."""
    return chart(calibration.reliability(test.calibration))


def tradeoff(test: Result) -> Chart:
    """Misses against false alarms."""
    return chart(thresholds.tradeoff(test.operating))


def sliced(material: Material) -> Chart | None:
    """Accuracy in slices, where there are any."""
    return chart(slices.accuracies(material.slices, material.report.test.accuracy)) if material.slices else None


def stressed(material: Material) -> Chart | None:
    """Balanced accuracy under each kind of disturbance, where there is a stress suite."""
    if material.stress is None:
        return None
    own = material.stress
    blocks = {
        "mean over five severities": [
            Dot(kind_title(kind), share.value, share.low, share.high)
            for kind, share in sorted(own.kinds.items(), key=lambda item: item[1].value)
        ]
    }
    title = "Balanced accuracy under each disturbance (dashed: photos as they are)"
    return chart(dots(blocks, title, "Balanced accuracy", own.clean.value))


def kind_title(kind: str) -> str:
    """A disturbance's name; its key where an older suite holds a kind that is no more."""
    return KINDS[kind].title if kind in KINDS else kind
