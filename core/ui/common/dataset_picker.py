"""Choose a folder of photos: those under the data folder, or any allowed path."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import streamlit as st

from core.store import paths
from core.ui.common import cached_reads

OTHER = "Another folder…"


def pick_dataset(key: str, title: str = "Photos", without: str = "") -> Path | None:
    """The chosen dataset's folder, or None as long as none is chosen. `without` offers that first, in these words.
    Raises UserError for a path that may not be read."""
    found = cached_reads.datasets(str(paths.home()))
    options = [*([without] if without else []), *map(str, found), OTHER]
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    names = {without: without} | _names([option for option in options if option != without])
    chosen = st.selectbox(
        title, options, options.index(st.session_state[key]), key=key, format_func=names.__getitem__,
        persist_state="session",
        help="Folders under datasets/ (or MASKLAB_DATA) that hold mask and no_mask; or type another path.",
    )  # fmt: skip
    if chosen != OTHER:
        # A link among the folders that are offered may lead anywhere.
        return paths.under_allowed_root(chosen) if chosen != without else None
    typed = st.text_input(
        "Path to the photos", key=f"{key}_path", placeholder="/home/me/photos", persist_state="session",
        help="A folder with one sub-folder per label: mask, no_mask and, if you have it, wrong_mask.",
    )  # fmt: skip
    return paths.under_allowed_root(typed) if typed.strip() else None


def _names(options: list[str]) -> dict[str, str]:
    """What each option is called: a folder by its last two parts where no other is called so, else by its path."""
    short = {option: option if option == OTHER else "/".join(Path(option).parts[-2:]) for option in options}
    often = Counter(short.values())
    return {option: name if often[name] == 1 else option for option, name in short.items()}
