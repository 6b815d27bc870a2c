"""How benchmarks write numbers: ratios with their range, means with their interval, Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median, stdev

from scipy.stats import t as student


def spread(values: Sequence[float], digits: int = 1, scale: float = 1.0) -> str:
    """The median and, of more than one value, the range: `4.1 (3.9–4.4)`."""
    own = [value * scale for value in values]
    middle = f"{median(own):.{digits}f}"
    return f"{middle} ({min(own):.{digits}f}–{max(own):.{digits}f})" if len(own) > 1 else middle


def interval(values: Sequence[float]) -> str:
    """Mean of at least two values and its 95 % interval by Student's t, in percent."""
    middle = 100 * mean(values)
    half = 100 * student.ppf(0.975, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return f"{middle:.1f} ({middle - half:.1f} to {middle + half:.1f})"


def head(*names: str) -> str:
    """The first two lines of a table."""
    return line(*names) + "\n" + line(*("---" for _ in names)).replace(" ", "")


def line(*cells: str) -> str:
    """One line of a table."""
    return "| " + " | ".join(cells) + " |"
