"""The part of the page that runs in the browser: files, a folder or a ZIP are chosen or dropped, and sent in pieces."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from core.data.collect.imports import kinds

KEY = "upload_files"
_HERE = Path(__file__).parent
_SUFFIXES = ",".join((".zip", *kinds.SUFFIXES))


def mount(told: dict[str, Any], received: Callable[[], None]) -> None:
    """Draw it. `told`: the dataset's `folder`, the `answer` to its last message, the names of the upload that the
    server knows (`known`) and of the one that is `imported`, whether an import is at work (`importing`), and the
    `address` that takes pieces. `received` is called when `message()` has come."""
    _renderer()(key=KEY, data=told | {"accept": _SUFFIXES}, on_message_change=received)


def message() -> Any:
    """What the browser sent, unchecked; None without anything."""
    return getattr(st.session_state.get(KEY), "message", None)


@cache
def _renderer() -> ComponentRenderer:
    html, css, js = ((_HERE / f"upload.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("mask_lab_upload", html=html, css=css, js=js)
