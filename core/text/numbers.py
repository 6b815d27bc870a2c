"""Numbers as people read them: shares in percent, intervals of them, and durations."""

from __future__ import annotations

import math
from collections.abc import Sequence

NONE = "\N{EN DASH}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 0..1 in percent; the space before the sign does not break. "–" where there is none."""
    return NONE if share is None else f"{100 * share:.{digits}f}{NO_BREAK_SPACE}%"


def span(limits: Sequence[float] | None, digits: int = 1) -> str:
    """An interval of shares in percent, without the sign. "–" where there is none.

    >>> span((0.931, 0.952))
    '93.1 to 95.2'
    """
    return NONE if limits is None else f"{100 * limits[0]:.{digits}f} to {100 * limits[1]:.{digits}f}"


def confidence(share: float) -> str:
    """A network's confidence of 0..1 as whole percent; never 0 or 100, because a network is never certain."""
    if share >= 0.995:
        return "> 99 %"
    return "< 1 %" if share < 0.005 else f"{100 * share:.0f} %"


def threshold(share: float) -> str:
    """A probability of 0..1 in whole percent, or with as many decimals as tell it from 0 and from 100.

    >>> threshold(0.4157), threshold(0.0004)
    ('42\\xa0%', '0.04\\xa0%')
    """
    beside = min(share, 1 - share)
    return percent(share, max(0, math.ceil(-math.log10(beside)) - 2 if beside > 0 else 0))


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(40), duration(180), duration(7500)
    ('40 s', '3 min', '2 h 5 min')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss.

    >>> clock(75), clock(3723)
    ('1:15', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
