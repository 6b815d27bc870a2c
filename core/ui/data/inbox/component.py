"""The part of the inbox that runs in the browser: what it is sent, and what it sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st

from core.data.collect.inbox import queue
from core.data.collect.inbox.crops import Crop
from core.data.images import thumbnail
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.text.numbers import confidence
from core.ui.data import browser_actions

KEY = "inbox_faces"
# So many are sent at once: who answers faster than the server does not run out of them.
AHEAD = 12
_SIDE = 256
_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "masklab_inbox",
    html='<div class="inbox"></div>',
    css=(_HERE / "inbox.css").read_text(encoding="utf-8"),
    js=(_HERE / "inbox.js").read_text(encoding="utf-8"),
)


def draw(
    root: Path, waiting: Sequence[Crop], labels: Sequence[Label], undo: str, when_acted: Callable[[], None],
    warning: Callable[[Crop], str],
) -> None:  # fmt: skip
    """The first faces of those that wait; `undo` says what would be taken back, if anything; `when_acted` is called for
    new actions, which browser_actions then gives; `warning` is what to know before a face is labelled, or nothing."""
    first = waiting[:AHEAD]
    pictures = thumbnail.thumbnails((root / crop.file for crop in first), _SIDE)
    keys = {label: str(number) for number, label in enumerate(Label, start=1)}
    data = {
        "folder": str(root), "count": len(waiting), "undo": undo, "done": browser_actions.done(KEY)._asdict(),
        "labels": {
            label: {"key": keys[label], "symbol": SYMBOLS[label], "colour": COLOURS[label], "title": label.row.title}
            for label in labels
        },
        "faces": [
            {
                "file": crop.file, "label": _default(crop, labels), "said": _said(crop),
                "picture": browser_actions.picture(picture), "warning": warning(crop),
            }
            for crop, picture in zip(first, pictures, strict=True)
        ],
    }  # fmt: skip
    _draw(key=KEY, data=data, on_actions_change=when_acted)


def _default(crop: Crop, labels: Sequence[Label]) -> str:
    label = queue.default(crop.note)
    return label if label and label in labels else ""


def _said(crop: Crop) -> str:
    """What is known of it, in a line."""
    note, parts = crop.note, []
    if note.label:
        parts.append(f"Somebody said {note.label.row.title}")
    if note.guess:
        share = note.probabilities.get(note.guess)
        parts.append(f"the network {note.guess.row.title}" + (f" ({confidence(share)})" if share is not None else ""))
    said = " · ".join([*([", ".join(parts)] if parts else []), *_origin(crop)])
    return said[:1].upper() + said[1:]


def _origin(crop: Crop) -> list[str]:
    found = [part for part in (crop.source, crop.note.photo) if part]
    try:
        when = datetime.fromisoformat(crop.note.when)
    except ValueError:
        return found
    return [*found, f"{when.day} {when:%B %H:%M}"]
