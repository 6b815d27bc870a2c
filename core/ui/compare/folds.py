"""The folded parts of Compare: only an open one is worked out, and the address names it (`?view=`)."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.compare import address

CURVES, NUMBERS, SETTINGS, STRESS = "curves", "numbers", "settings", "stress"
BY_SOURCE, NEW_SOURCE, ADDED = "by_source", "new_source", "added"
WRONG_MASK, ABLATION, REPORT, PUBLISHED = "wrong_mask", "ablation", "report", "published"
_TITLES = {
    CURVES: ("Learning curves", ":material/show_chart:"),
    ADDED: ("On the photos added since", ":material/add_photo_alternate:"),
    NUMBERS: ("Accuracies and differences", ":material/table:"),
    SETTINGS: ("Settings that differ", ":material/tune:"),
    STRESS: ("Under stress", ":material/blur_on:"),
    BY_SOURCE: ("By source", ":material/category:"),
    NEW_SOURCE: ("On sources it never saw", ":material/travel_explore:"),
    WRONG_MASK: ("With and without wrong_mask", ":material/masks:"),
    ABLATION: ("Ablation", ":material/grid_view:"),
    REPORT: ("Report of these runs", ":material/description:"),
    PUBLISHED: ("What the two reports published", ":material/article:"),
}


def show(names: list[str], linked: bool) -> Mapping[str, DeltaGenerator]:
    """The headings, and name -> place of those that are open; where `linked`, those that the address names."""
    asked = address.listed("view")
    found = {}
    for name in names:
        title, icon = _TITLES[name]
        key = f"compare_fold_{name}"
        if linked or key not in st.session_state:
            st.session_state[key] = name in asked
        fold = st.expander(title, st.session_state[key], icon=icon, key=key, on_change="rerun")
        if fold.open:
            found[name] = fold
    address.keep("view", list(found))
    return found
