"""What every threshold would miss and stop, with the chosen one."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.charts.base import MARGIN, RUN_COLOURS
from core.evaluation.wording import sentences
from core.schema.result import OperatingResult

_LEAST_SHOWN = 5.0


def tradeoff(operating: OperatingResult) -> go.Figure:
    """Miss rate over false-alarm rate, both in percent; the operating point with the 95 % intervals of both.
    The corner around it is shown; the curve goes on to 100 %."""
    threshold, miss, alarm = zip(*operating.curve, strict=True)
    figure = go.Figure(
        go.Scatter(
            x=_percent(alarm), y=_percent(miss), mode="lines", line={"color": RUN_COLOURS[0], "shape": "hv"},
            customdata=threshold, name="every threshold",
            hovertemplate="threshold %{customdata:.3f}: %{y:.1f} % pass wrongly, %{x:.1f} % are stopped wrongly"
            "<extra></extra>",
        )
    )  # fmt: skip
    alarms, misses = operating.false_alarm_interval, operating.miss_interval
    assert operating.false_alarm_rate is not None and operating.miss_rate is not None
    assert alarms is not None and misses is not None
    x, y = 100 * operating.false_alarm_rate, 100 * operating.miss_rate
    figure.add_scatter(
        x=[x], y=[y], mode="markers", marker={"size": 12, "symbol": "diamond", "color": RUN_COLOURS[1]},
        error_x=_bar(x, alarms), error_y=_bar(y, misses),
        name=f"chosen on validation: {sentences.threshold(operating.threshold)}",
        hovertemplate="threshold " + f"{sentences.threshold(operating.threshold)}<extra></extra>",
    )  # fmt: skip
    reach = 120 * max(alarms[1], misses[1])
    limit = min(102.0, max(_LEAST_SHOWN, reach))
    figure.update_layout(
        title="Misses against false alarms", margin=MARGIN, height=420, legend={"orientation": "h", "y": -0.22}
    )
    figure.update_xaxes(title="Correctly masked, stopped (%)", range=[-limit / 40, limit])
    figure.update_yaxes(title="Others, passed (%)", range=[-limit / 40, limit])
    return figure


def _percent(shares: tuple[float, ...]) -> list[float]:
    return [100 * share for share in shares]


def _bar(value: float, interval: tuple[float, float]) -> dict[str, Any]:
    low, high = (100 * limit for limit in interval)
    return {"type": "data", "symmetric": False, "array": [high - value], "arrayminus": [value - low], "width": 4}
