"""The glossary's page: docs/glossary.md as it stands, so that it works without a network."""

from __future__ import annotations

import streamlit as st

from core.store import paths

GLOSSARY = paths.PROJECT / "docs" / "glossary.md"


def show() -> None:
    """The table of terms."""
    text = GLOSSARY.read_text(encoding="utf-8")
    # Our own file: its only HTML are the anchors.
    st.markdown(text[text.index("| Term") :], unsafe_allow_html=True)
