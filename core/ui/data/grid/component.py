"""The part of the grid that runs in the browser: what it is sent, and what it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.data.collect.photo_list import Item
from core.data.images import thumbnail
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.ui.data import browser_actions

KEY = "grid_photos"
# Of all people and sources those that are suggested where a name is typed.
_MOST_NAMES = 500
_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "masklab_photo_grid",
    html='<div class="photo-grid"></div>',
    css=(_HERE / "grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "grid.js").read_text(encoding="utf-8"),
)


def draw(
    root: Path, view: str, items: Sequence[Item], reasons: Mapping[str, str], labels: Sequence[Label],
    people: Sequence[str], sources: Sequence[str], when_acted: Callable[[], None],
) -> None:  # fmt: skip
    """A page of photos, which begins anew with another `view`; `reasons` (file -> why it is refused) take the place of
    pictures that there are not; `when_acted` is called for new actions, which browser_actions then gives."""
    pictures = thumbnail.thumbnails(root / item.file for item in items)
    numbers = {label: number for number, label in enumerate(Label, start=1)}
    data = {
        "folder": str(root), "view": view, "done": browser_actions.done(KEY)._asdict(), "people": people[:_MOST_NAMES],
        "sources": sources[:_MOST_NAMES],
        "labels": {
            label: {"key": str(numbers[label]), "symbol": SYMBOLS[label], "colour": COLOURS[label]} for label in labels
        },
        "photos": [
            {
                "file": item.file, "label": item.label, "choice": item.choice or "", "source": item.source,
                "picture": browser_actions.picture(picture), "why": reasons.get(item.file, ""),
            }
            for item, picture in zip(items, pictures, strict=True)
        ],
    }  # fmt: skip
    _draw(key=KEY, data=data, on_actions_change=when_acted)
