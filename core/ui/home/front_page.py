"""The front door: what the labels are, the webcam at once, the way from photos to a network, and results."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.schema.train_config import STARTER
from core.store import paths, runs
from core.ui.common.page import go_to
from core.ui.home import cards, label_picture, results
from core.ui.runs import progress


def show(folder: Path | None) -> None:
    """Draw it; `folder` is the form's."""
    finished = [(run, result) for run in runs.every() if (result := run.summary())]
    door, picture = st.columns([3, 5], vertical_alignment="center", gap="large")
    with door:
        _webcam()
    cards.show(folder, finished)
    progress.show_active()
    results.show(finished)
    # Drawn once per server, which takes a moment: nothing else waits for it.
    with picture:
        label_picture.show()


def _webcam() -> None:
    starter = paths.STARTER_FILE.exists()
    if st.button("Try it on your webcam", type="primary", icon=":material/videocam:"):
        query = {"live_model": STARTER.removesuffix(".pth")} if starter else {}
        go_to("pages/5_Live.py", query, "Live")
    if starter:
        st.caption("No picture leaves this computer.")
