"""The photos: how many of each label, what was refused, what belongs together, how they are split, and label issues."""

from __future__ import annotations

import streamlit as st

from core.ui.common.dataset_picker import pick_dataset
from core.ui.common.page import page
from core.ui.data import cache_view, label_issues
from core.ui.data import view as data_view

with page("Data", "What is in a folder of photos, what was refused and why, and how it would be split."):
    folder = pick_dataset("form_dataset")
    if folder is None:
        st.info("Choose a folder of photos, or make drawn demo faces on the Home page.", icon=":material/folder_open:")
        st.page_link("Home.py", label="Home", icon=":material/home:")
    else:
        views = {"Photos": data_view.show, "Label issues": label_issues.show}
        view = st.segmented_control(
            "View", list(views), default="Photos", required=True, key="data_view", label_visibility="collapsed"
        )
        views[view](folder)
    cache_view.show()
