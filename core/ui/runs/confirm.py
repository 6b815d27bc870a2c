"""The buttons under a question before something is lost."""

from __future__ import annotations

import streamlit as st


def buttons(does: str, disabled: bool = False) -> bool:
    """Cancel, which closes the dialog and is what Enter means, and what `does` it, in no inviting colour; whether that
    was pressed."""
    with st.container(horizontal=True):
        if st.button("Cancel", type="primary"):
            st.rerun()
        return st.button(f":red[{does}]", icon=":material/delete_forever:", disabled=disabled)
