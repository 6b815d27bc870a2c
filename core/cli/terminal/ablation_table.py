"""The ablation's table as the terminal shows it: four rows, with what report B published of its own beside them."""

from __future__ import annotations

from typing import Any

from core.cli.terminal.console import interval, percent
from core.evaluation.compare.ablation import Ablation
from core.evaluation.compare.student_reports import SOURCE_B
from core.text.tables import markdown

_HEAD = (
    "setting", "learning rate", "augmentation", "validation acc.", "custom photos", "custom, whole", "custom, cropped",
    "report B: validation", "report B: custom",
)  # fmt: skip


def show(own: Ablation) -> str:
    """The table and what its columns are, as Markdown."""
    table = markdown(_HEAD, map(_cells, own.as_rows()))
    return f"{table}\n{_words(own)}\nReport B's figures are its own, not measured here: {SOURCE_B}."


def _cells(row: dict[str, Any]) -> list[str]:
    custom = row["custom"]
    return [
        row["setting"],
        f"{row['learning_rate']:g}",
        "yes" if row["augment"] else "no",
        percent(row["validation"]),
        *([_share(custom, name) for name in ("both", "whole", "cropped")] if custom else ["not measured"] * 3),
        percent(row["reported_validation"]),
        percent(row["reported_custom"]),
    ]


def _share(custom: dict[str, Any], name: str) -> str:
    if name == "cropped" and not custom["faces"]:
        return "no face found"
    share = custom[name]
    return f"{percent(share['value'])} ({interval((share['low'], share['high']))})"


def _words(own: Ablation) -> str:
    found = [custom for custom in own.customs() if custom]
    if not found:
        return "Custom photos were not measured: sweep --table SWEEP --custom_photos FOLDER does so."
    last = found[-1]
    return (
        f"Custom photos: {last.folder}; {last.photos} whole, {last.faces} cropped to the largest face; {last.left_out} "
        "left out. With 95 % intervals by group."
    )
