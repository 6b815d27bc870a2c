"""The photos: new ones, how many of each label, unreadable files, what belongs together, the split, label issues,
versions."""

from __future__ import annotations

import streamlit as st

from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.common.page import page
from core.ui.data import add, cache_view, label_issues, new_dataset
from core.ui.data import view as data_view
from core.ui.data.inbox import view as inbox
from core.ui.data.photo_map import view as photo_map
from core.ui.data.versions import view as versions
from core.ui.training_form import settings

with page("Data", "Collect photos, see what is in a folder of them and what is unreadable, and how it would be split."):
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            folder = pick_dataset(settings.key(settings.DATASET))
        new_dataset.button(primary=folder is None)
    if folder is None:
        st.info("Make a new dataset, or choose a folder of photos.", icon=":material/folder_open:")
    else:
        views = {
            "Photos": data_view.show, "Map": photo_map.show, "Add photos": add.show, "Inbox": inbox.show,
            "Label issues": label_issues.show, "Versions": versions.show,
        }  # fmt: skip
        titles = {name: name for name in views} | {"Inbox": inbox.name(folder)}
        # It stays open when the first photo has come in.
        first, key = data_view.first(bool(cached_reads.counts(str(folder)))), data_view.chosen(folder)
        view = st.segmented_control(
            "View", list(views), default=first, required=True, key=key, label_visibility="collapsed",
            format_func=titles.__getitem__,
        )  # fmt: skip
        views[view](folder)
    cache_view.show()
