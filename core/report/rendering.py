"""What the page and the card share in their templates: where these lie, and the filters and words they use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.data.dataset.split import PART_NAMES
from core.evaluation.wording import by_source_words, sentences, source_words
from core.report.private import short
from core.text.numbers import duration, percent, span

TEMPLATES = Path(__file__).parent / "templates"


def environment(**options: Any) -> Environment:
    """Jinja's environment; `options` say how what a template writes is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )
    made.globals |= {
        "sentences": sentences, "source_words": source_words, "by_source_words": by_source_words,
        "part_names": PART_NAMES,
    }  # fmt: skip
    made.filters |= {
        "percent": percent, "span": span, "short": short, "duration": duration, "number": number,
        "moment": moment,
    }  # fmt: skip
    return made


def number(of: int) -> str:
    """A number of things with its thousands apart."""
    return f"{of:,}"


def moment(written: str) -> str:
    """A time (ISO 8601) for people to read."""
    return f"{datetime.fromisoformat(written):%d %B %Y, %H:%M (UTC%z)}"
