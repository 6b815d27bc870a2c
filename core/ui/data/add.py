"""The Data page's ways for photos to come in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.ui.data import capture
from core.ui.data.upload import view as upload


def show(folder: Path) -> None:
    """The ways, one open at a time: a camera that nobody uses stays off."""
    ways = {"Camera": capture.show, "Upload": upload.show}
    way = st.segmented_control("Add photos from", list(ways), default="Camera", required=True, key="add_way")
    ways[way](folder)
