"""Charts of a test result show its numbers, in percent, on both backgrounds."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts.base import RUN_COLOURS
from core.charts.calibration import reliability
from core.charts.intervals import QUIET, Dot, dots
from core.charts.slices import accuracies
from core.charts.thresholds import tradeoff
from core.evaluation.one_run.bootstrap import Estimate
from core.evaluation.one_run.measure import measure
from core.evaluation.one_run.predictions import Predictions
from core.evaluation.one_run.slices import Rate, Slice
from core.networks.operating_point import OperatingPoint
from core.schema.labels import THREE_CLASSES
from core.schema.result import Result
from tests.fixtures.result_fixtures import changed


@pytest.fixture(scope="module")
def measured() -> Result:
    rng = np.random.default_rng(1)
    probability = rng.dirichlet(np.full(3, 0.4), 200)
    names = np.array([str(label) for label in THREE_CLASSES])
    true = np.where(rng.random(200) < 0.8, names[probability.argmax(axis=1)], names[rng.integers(0, 3, 200)])
    files = tuple(map(str, range(200)))
    return measure(Predictions(files, true, np.array(files), probability, THREE_CLASSES), OperatingPoint(0.7), 1.2)


def part(name: str, share: float, photos: int = 100, p_value: float = 1.0, axis: str = "head") -> Slice:
    rate = Rate(round(photos * share), photos, Estimate(share, share - 0.04, share + 0.04))
    return Slice(axis, name, photos, photos, rate, {}, rate, rate, p_value)


def figures(measured: Result) -> list[go.Figure]:
    return [
        reliability(measured.calibration), tradeoff(measured.operating),
        accuracies([part("turned away", 0.8)], 0.9), dots({"recall": [Dot("mask", 0.5, 0.4, 0.6)]}, "Title", "Share"),
    ]  # fmt: skip


def test_axes_name_their_unit_and_no_background_is_set(measured: Result):
    for figure in figures(measured):
        titles = [axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes()) if axis.title.text]
        assert titles and all("(%)" in title or title == "Photos" for title in titles)
        assert figure.layout.paper_bgcolor is None and figure.layout.plot_bgcolor is None


def test_the_reliability_diagram_is_the_bins(measured: Result):
    bins = measured.calibration.bins
    line, points, bars = reliability(measured.calibration).data
    assert list(line.x) == list(line.y) == [0, 100]
    assert points.x == pytest.approx([100 * own.confidence for own in bins])
    assert points.y == pytest.approx([100 * own.accuracy for own in bins])
    above = np.array(points.y) + np.array(points.error_y.array)
    assert above == pytest.approx([100 * own.interval[1] for own in bins])
    assert sum(bars.y) == measured.n


def test_the_operating_point_lies_on_the_curve_with_both_intervals(measured: Result):
    own = measured.operating
    figure = tradeoff(own)
    curve, point = figure.data
    assert (point.x[0], point.y[0]) == pytest.approx((100 * own.false_alarm_rate, 100 * own.miss_rate))
    assert point.x[0] + point.error_x.array[0] == pytest.approx(100 * own.false_alarm_interval[1])
    assert point.y[0] - point.error_y.arrayminus[0] == pytest.approx(100 * own.miss_interval[0])
    shown = min(np.hypot(np.array(curve.x) - point.x[0], np.array(curve.y) - point.y[0]))
    assert shown < 3, "the curve has at most 200 points"
    assert figure.layout.xaxis.range[1] >= 100 * own.false_alarm_interval[1]


def test_validation_s_line_and_the_point_that_is_tried_are_drawn_beside(measured: Result):
    tried = changed(measured.operating, threshold=0.2, miss_rate=0.9, miss_interval=(0.8, 1.0))
    figure = tradeoff(measured.operating, measured.operating, tried)
    test, validation, used, other = figure.data
    assert (list(validation.x), list(validation.y)) == (list(test.x), list(test.y))
    assert validation.line.dash != test.line.dash and "validation photos" in validation.name
    assert (used.marker.symbol, other.marker.symbol) == ("diamond", "diamond-open")
    assert (other.y[0], used.y[0]) == pytest.approx((90, 100 * measured.operating.miss_rate))
    assert figure.layout.yaxis.range[1] > 100


def test_slices_stand_in_their_natural_order_and_colours_say_what_to_make_of_them():
    found = [part("turned away", 0.7, p_value=0.01), part("half turned", 0.8, photos=12), part("straight on", 0.95)]
    figure = accuracies([*found, part("dark", 0.9, axis="brightness")], 0.9)
    assert list(figure.layout.yaxis.ticktext) == [
        "<b>brightness</b>", "dark", "<b>head</b>", "straight on", "half turned", "turned away",
    ]  # fmt: skip
    colours = {trace.x[0]: (trace.marker.color, trace.marker.symbol) for trace in figure.data}
    assert colours[70] == (RUN_COLOURS[1], "circle")
    assert colours[80] == (QUIET, "circle-open")
    assert colours[95] == (RUN_COLOURS[0], "circle")
    assert figure.layout.shapes[0].x0 == 90
