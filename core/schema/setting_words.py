"""A setting as people read it: its title and help, its values in words, its bounds."""

from __future__ import annotations

from typing import Any

from core.schema.train_config import MODES, TrainConfig


def describe(name: str) -> tuple[str, str]:
    """Title and help of a field."""
    field = TrainConfig.model_fields[name]
    return field.title or name, field.description or ""


def in_words(name: str, value: Any) -> str:
    """A setting's value as people read it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "split":
        return " / ".join(f"{100 * share:g}" for share in value)
    return MODES[value] if name == "mode" else f"{value:g}" if isinstance(value, float) else str(value)


def bounds(name: str) -> dict[str, Any]:
    """Lowest and highest value (`ge`, `le`) and the widget's step and format of a numeric field, where declared."""
    field = TrainConfig.model_fields[name]
    limits = {key: getattr(item, key) for item in field.metadata for key in ("ge", "le") if hasattr(item, key)}
    extra = field.json_schema_extra
    return limits | (extra if isinstance(extra, dict) else {})
