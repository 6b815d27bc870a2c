"""The report in a model file, which may come from anywhere: whether it is one that pages can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.schema import run_report
from core.schema.run_report import RunReport


def report_in(numbers: Mapping[str, Any]) -> RunReport | None:
    """The report of the run that made a network, from what its file holds in place of one. None for what is no report
    as ours, with all its numbers in their bounds: the network works all the same."""
    try:
        return run_report.parse(numbers)
    except ValueError:
        return None
