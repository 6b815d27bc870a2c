"""Names of Evaluate's views, and a link to one of them that costs no import of a network."""

from __future__ import annotations

import streamlit as st

RESULT, PHOTOS, WRONG, SLICES, STRESS = "Test result", "Photos", "Most wrong", "Slices", "Stress"
_PAGE = "pages/4_Evaluate.py"


def evaluate_link(model: str, view: str, label: str, icon: str | None = ":material/search:") -> None:
    """A link to a view of a network, by the name of its file in models/."""
    query = {"evaluate_model": model.removesuffix(".pth"), "view": view}
    st.page_link(_PAGE, label=label, icon=icon, query_params=query)
