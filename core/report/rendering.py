"""What the page and the card share in their templates: where these lie, and the filters and words they use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.data.split import PART_NAMES
from core.evaluation import sentences
from core.report.private import short

TEMPLATES = Path(__file__).parent / "templates"


def environment(**options: Any) -> Environment:
    """Jinja's environment; `options` say how what a template writes is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )
    made.globals |= {"sentences": sentences, "part_names": PART_NAMES}
    made.filters |= {
        "percent": sentences.percent, "span": sentences.span, "short": short, "duration": duration, "number": number,
        "moment": moment,
    }  # fmt: skip
    return made


def duration(seconds: float) -> str:
    """Seconds in words: 40 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def number(of: int) -> str:
    """A number of things with its thousands apart."""
    return f"{of:,}"


def moment(written: str) -> str:
    """A time (ISO 8601) for people to read."""
    return f"{datetime.fromisoformat(written):%d %B %Y, %H:%M (UTC%z)}"
