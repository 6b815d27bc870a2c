"""What every threshold would miss and stop, with the chosen one."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.evaluation.wording.operating_words import pass_at
from core.schema.result import Interval, OperatingResult

_LEAST_SHOWN = 5.0


def tradeoff(
    operating: OperatingResult, validation: OperatingResult | None = None, tried: OperatingResult | None = None
) -> go.Figure:
    """Miss rate over false-alarm rate, both in percent, on test photos and, where given, on validation photos; the
    operating point, and another that is `tried` on the same test photos, with the 95 % intervals of both rates.
    The corner around them is shown; the curves go on to 100 %."""
    figure = go.Figure(_line(operating, "test photos", RUN_COLOURS[0], "solid"))
    if validation:
        figure.add_trace(_line(validation, "validation photos", RUN_COLOURS[2], "dot"))
    shown = [(operating, "diamond"), *([(tried, "diamond-open")] if tried else [])]
    # Photos of a source that has nobody to stop, or nobody to miss, have no such point.
    shown = [one for one in shown if one[0].miss_rate is not None and one[0].false_alarm_rate is not None]
    for own, symbol in shown:
        figure.add_trace(_point(own, symbol))
    reach = max((120 * max(limits[1] for limits in _limits(own)) for own, _ in shown), default=102.0)
    limit = min(102.0, max(_LEAST_SHOWN, reach))
    figure.update_layout(
        title="Misses against false alarms", margin=MARGIN, height=420, legend={"orientation": "h", "y": -0.22}
    )
    figure.update_xaxes(title="Correctly masked, stopped (%)", range=[-limit / 40, limit])
    figure.update_yaxes(title="Others, passed (%)", range=[-limit / 40, limit])
    return figure


def _line(own: OperatingResult, photos: str, colour: str, dash: str) -> go.Scatter:
    thresholds, miss, alarm = zip(*own.curve, strict=True)
    return go.Scatter(
        x=_percent(alarm), y=_percent(miss), mode="lines", line={"color": colour, "shape": "hv", "dash": dash},
        customdata=_percent(thresholds), name=f"every threshold, {photos}",
        hovertemplate=f"{photos}, pass at ≥ %{{customdata:.1f}} % mask: %{{y:.1f}} % pass wrongly, %{{x:.1f}} % are "
        "stopped wrongly<extra></extra>",
    )  # fmt: skip


def _point(own: OperatingResult, symbol: str) -> go.Scatter:
    assert own.false_alarm_rate is not None and own.miss_rate is not None
    x, y = 100 * own.false_alarm_rate, 100 * own.miss_rate
    alarms, misses = _limits(own)
    return go.Scatter(
        x=[x], y=[y], mode="markers", marker={"size": 12, "symbol": symbol, "color": RUN_COLOURS[1]},
        error_x=_bar(x, alarms), error_y=_bar(y, misses), name=pass_at(own),
        hovertemplate=f"{pass_at(own)}<extra></extra>",
    )  # fmt: skip


def _limits(own: OperatingResult) -> tuple[Interval, Interval]:
    """The intervals of false alarms and misses."""
    assert own.false_alarm_interval is not None and own.miss_interval is not None
    return own.false_alarm_interval, own.miss_interval


def _percent(shares: tuple[float, ...]) -> list[float]:
    return [100 * share for share in shares]


def _bar(value: float, interval: tuple[float, float]) -> dict[str, Any]:
    low, high = (100 * limit for limit in interval)
    return {"type": "data", "symmetric": False, "array": [high - value], "arrayminus": [value - low], "width": 4}
