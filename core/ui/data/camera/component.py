"""The part of the page that runs in the browser: the camera's picture, the button, what was taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from core.ui.live.camera_help import TEXTS

KEY = "capture_camera"
_HERE = Path(__file__).parent
_HTTPS = " On this machine open Mask Lab as http://localhost; docs/phones.md says how phones reach it by https."
_SAYS = {
    "insecure": TEXTS["media_api_not_available"] + _HTTPS,
    "denied": "The browser refused the camera. Allow it beside the address, then try again.",
    "missing": "No camera was found. Plug one in and try again, or upload photos instead.",
    "busy": "The camera gives no picture. Close other programs that use it (video calls), then try again.",
    "ended": "The camera has ended: it was unplugged, or another program took it.",
}


def mount(chosen: dict[str, Any], received: Callable[[], None]) -> None:
    """Draw it. `chosen`: folder, label, person and source of the next picture, `problem` where none can be taken,
    `answers` to messages, `hints` ({done, text} each), `tips`, and the `total` of photos there are. `received` is
    called when `message()` has come."""
    _renderer()(key=KEY, data=chosen | {"texts": _SAYS}, on_message_change=received)


def message() -> Any:
    """What the browser sent, unchecked; None without anything."""
    return getattr(st.session_state.get(KEY), "message", None)


@cache
def _renderer() -> ComponentRenderer:
    html, css, js = ((_HERE / f"camera.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("mask_lab_camera", html=html, css=css, js=js)
