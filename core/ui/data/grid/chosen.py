"""Photos that were chosen on the map: the grid shows them alone until it is told to show all again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st

from core.ui.data.grid import filters

_CHOSEN = "grid_chosen"


def put(root: Path, files: Iterable[str]) -> None:
    """Show these alone, whatever else was asked for."""
    st.session_state[_CHOSEN] = (root, frozenset(files))
    filters.everything()


def files(root: Path) -> frozenset[str] | None:
    """Those of the dataset; None where all are shown."""
    kept = st.session_state.get(_CHOSEN)
    return kept[1] if kept and kept[0] == root else None


def forget() -> None:
    """Show all again."""
    st.session_state.pop(_CHOSEN, None)
    filters.first_page()


def renamed(root: Path, names: Mapping[str, str]) -> None:
    """Files were moved, old name -> new name: what was chosen stays so."""
    if (before := files(root)) is not None:
        # The old names too: what was put into the bin comes back under one.
        now = before | {new for old, new in names.items() if old in before}
        st.session_state[_CHOSEN] = (root, now)
