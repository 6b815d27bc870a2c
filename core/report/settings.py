"""A run's settings as a reader sees them: titles, values, and which are not the default."""

from __future__ import annotations

from typing import Any

from core.report.private import short
from core.schema.setting_words import describe
from core.schema.train_config import TrainConfig
from core.text.markup import one_line


def table(config: TrainConfig) -> list[tuple[str, str, bool]]:
    """(title, value, whether it is not the default) of every setting."""
    values = {name: getattr(config, name) for name in TrainConfig.model_fields}
    return [(title(name), shown(name, value), _changed(config, name)) for name, value in values.items()]


def title(name: str) -> str:
    """A field's title."""
    return describe(name)[0]


def shown(name: str, value: Any) -> str:
    """A field's value in words; a folder without the place it lies in."""
    if name == "dataset":
        return short(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return " / ".join(map(str, value)) if isinstance(value, tuple) else one_line(str(value))


def _changed(config: TrainConfig, name: str) -> bool:
    return name != "dataset" and getattr(config, name) != TrainConfig.model_fields[name].default
