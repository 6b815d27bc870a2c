"""The parts of the map that run in the browser: the points, and the picture of the one that is pointed at."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.ui.data import browser_actions
from core.ui.data.photo_map.colours import Colouring

KEY = "map_points"
_PICTURE = "map_picture"
_HERE = Path(__file__).parent
_STEPS = 65535


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_draw = st.components.v2.component(
    "masklab_photo_map", html='<div class="photo-map"></div>', css=_text("map.css"),
    js=_text("shapes.js") + _text("map.js"),
)  # fmt: skip
_draw_picture = st.components.v2.component(
    "masklab_map_picture", html='<div class="map-picture"></div>', js=_text("picture.js")
)


class Pointed(NamedTuple):
    """The photo that somebody points at: its place among those of a `view`."""

    view: str
    place: int


def draw(view: str, places: np.ndarray, colour: str, colouring: Colouring, when_acted: Callable[[], None]) -> None:
    """Points at `places` (n, 2) in 0..1, which begin anew with another `view`; `colour` names the colouring.
    `when_acted` is called for new actions, which browser_actions then gives."""
    x, y = np.round(places.astype(np.float64).T * _STEPS).astype("<u2")
    data = {
        "view": view, "x": _base64(x), "y": _base64(y), "group": _base64(colouring.of.astype(np.uint8)),
        "groups": [group.__dict__ for group in colouring.groups], "colour": colour,
        "done": browser_actions.done(KEY)._asdict(),
    }  # fmt: skip
    _draw(key=KEY, data=data, on_actions_change=when_acted)


def pointed(view: str, count: int) -> Pointed | None:
    """What the browser points at, if it is one of the `count` photos of this view."""
    asked: Any = getattr(st.session_state.get(_PICTURE), "asked", None)
    if not isinstance(asked, dict) or asked.get("view") != view:
        return None
    place = asked.get("place")
    return Pointed(view, place) if isinstance(place, int) and 0 <= place < count else None


def tell_picture(found: Pointed | None, colour: str, picture: bytes | None, words: Sequence[str]) -> None:
    """Answer with the photo's picture and lines of words."""
    told = {
        "view": found.view if found else "", "place": found.place if found else -1, "colour": colour,
        "picture": browser_actions.picture(picture), "words": list(words),
    }  # fmt: skip
    _draw_picture(key=_PICTURE, data=told, on_asked_change=lambda: None)


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
