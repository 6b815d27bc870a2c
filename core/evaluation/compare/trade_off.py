"""The one verdict on two networks: what one gains over the other, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.evaluation.compare.paired import Difference

# Holm's p-value below which a difference is shown; of one comparison, where its interval excludes 0.
LEVEL = 0.05
ACCURACY = "accuracy"


@dataclass(frozen=True)
class _Quantity:
    """How a difference is said: of who is better, and as what that costs."""

    gain: str
    cost: str
    less_is_better: bool = False


# In the order in which they are said.
_QUANTITIES = {
    "wrong_mask": _Quantity("recognises more wrongly worn masks", "fewer wrongly worn masks recognised"),
    ACCURACY: _Quantity("is more accurate", "less accuracy"),
    "miss_rate": _Quantity("has fewer misses", "more misses", less_is_better=True),
    "false_alarm_rate": _Quantity("has fewer false alarms", "more false alarms", less_is_better=True),
}
QUANTITIES = tuple(_QUANTITIES)


def verdict(a: str, b: str, found: Mapping[str, Difference], p_values: Mapping[str, float]) -> str:
    """What is shown of b against a: `found` has their differences by QUANTITIES, and `p_values` those of them after
    Holm's adjustment.

    >>> found = {
    ...     "accuracy": Difference(0.9, 0.91, 0.01, -0.02, 0.04),
    ...     "miss_rate": Difference(0.4, 0.09, -0.31, -0.42, -0.2),
    ...     "false_alarm_rate": Difference(0.02, 0.06, 0.04, 0.01, 0.07),
    ... }
    >>> print(verdict("A", "B", found, {"accuracy": 0.6, "miss_rate": 0.001, "false_alarm_rate": 0.01}))
    B has fewer misses (-31 points), at 4 points more false alarms; on accuracy no difference is shown.
    """
    shown = [name for name in _QUANTITIES if name in found and p_values[name] < LEVEL]
    if not shown:
        return f"No difference is shown between {a} and {b}."
    gains = [name for name in shown if (found[name].difference > 0) != _QUANTITIES[name].less_is_better]
    costs = [name for name in shown if name not in gains]
    # The one that gains what is said first is the subject, whichever of the two is the reference.
    better, sign = (b, 1) if shown[0] in gains else (a, -1)
    own, against = (gains, costs) if better == b else (costs, gains)
    if against:
        words = f"{better} {_gains(own, found, sign)}, at {_costs(against, found)}"
    else:
        words = f"{better} is better: it {_gains(own, found, sign)}"
    return words + ("." if ACCURACY in shown else "; on accuracy no difference is shown.")


def _gains(names: list[str], found: Mapping[str, Difference], sign: int) -> str:
    return _listed(
        [f"{_gain(name, found[name])} ({_whole(sign * found[name].difference):+g} points)" for name in names]
    )  # fmt: skip


def _gain(name: str, own: Difference) -> str:
    # Of a network that does not know the label, "more" would be said of none.
    words = _QUANTITIES[name].gain
    return words.replace(" more", "") if name == "wrong_mask" and 0 in (own.a, own.b) else words


def _costs(names: list[str], found: Mapping[str, Difference]) -> str:
    return _listed([f"{abs(_whole(found[name].difference)):g} points {_QUANTITIES[name].cost}" for name in names])


def _whole(share: float) -> float:
    """Points, whole ones where that is not 0."""
    return round(100 * share) or round(100 * share, 1)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
