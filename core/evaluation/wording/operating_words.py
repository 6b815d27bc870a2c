"""The operating point in words: who passes, and why from there on."""

from __future__ import annotations

from datetime import date
from typing import Literal

from core.networks.operating_point import photos_to_show
from core.schema.result import OperatingResult, Point
from core.schema.run_report import RunReport
from core.text.numbers import percent, span, threshold


def pass_at(point: Point) -> str:
    """The rule in five words.

    >>> from core.networks.operating_point import OperatingPoint
    >>> pass_at(OperatingPoint(0.4157))
    'Pass at ≥ 42\\xa0% mask'
    """
    return f"Pass at ≥ {threshold(point.threshold)} mask"


def counted(own: OperatingResult, kind: Literal["misses", "false alarms"]) -> str:
    """How many of how many, with the share and its 95 % interval: "3 of 70 (4.3 %, 1.5 to 11.9)"."""
    if kind == "misses":
        number, of, share, limits = own.misses, own.violators, own.miss_rate, own.miss_interval
    else:
        number, of, share, limits = own.false_alarms, own.compliant, own.false_alarm_rate, own.false_alarm_interval
    return f"{number:,} of {of:,} ({percent(share)}, {span(limits)})"


def computed_before(used: float | None, report: RunReport) -> str:
    """That a stress suite used another threshold (None: the automatic one, as it was then) than the run has now, and
    what to do; empty where it has the same."""
    now = report.operating_point.threshold
    before = (report.automatic_point or report.operating_point).threshold if used is None else used
    if before == now:
        return ""
    return f"Who passes was computed at ≥ {threshold(before)} mask, and it is ≥ {threshold(now)} now: run it again."


def chosen(point: Point) -> str:
    """What the operating point was chosen by, to stand after it."""
    target = threshold(point.target)
    if point.rule == "hand":
        day = date.fromisoformat(point.when)
        return f"set by hand on {day.day} {day:%B %Y}, to stop {target} of correctly masked validation photos"
    if point.rule == "likeliest":
        return (
            f"which is likelier than all other labels together: fewer than {photos_to_show(point.target)} correctly "
            f"masked validation photos can't show at most {target} false alarms"
        )
    if point.rule == "sources":
        return f"chosen on photos of sources that were left out, for at most {target} false alarms in their mean"
    return f"chosen on validation photos for at most {target} false alarms"
