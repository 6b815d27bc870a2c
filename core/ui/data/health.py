"""The Data page's health: what may mislead a training on these photos, and what to do; calm where there is nothing."""

from __future__ import annotations

import streamlit as st

from core.data.dataset.scan import Scan
from core.data.health.checks import NOTHING
from core.schema.errors import UserError
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data import health_sources


def title(scan: Scan) -> str:
    """What the tab is called, with how much was found."""
    try:
        found = cached_reads.health(scan)
    except UserError:
        # The tab says what is damaged.
        found = []
    return f"Health ({len(found)})" if found else "Health"


def show(scan: Scan) -> None:
    """A card for each finding, the worst first, and what to say of sources. Raises UserError for a damaged
    sources.csv."""
    found = cached_reads.health(scan)
    if not found:
        st.success(NOTHING, icon=":material/check:")
    for one in found:
        with st.container(border=True):
            st.markdown(f"**{plain(one.title)}**")
            st.markdown(plain(one.found))
            st.caption(plain(one.remedy))
    health_sources.show(scan)
