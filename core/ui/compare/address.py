"""What the address says of Compare, so that a link shows the page again: `runs`, `reference`, `smoothing`, `view`."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

_NAMES = ("runs", "reference", "smoothing", "view")
_WROTE = "compare_address"


def followed() -> bool:
    """Whether the address is not what this session's page wrote last: a link was followed, and what it names counts,
    not what was chosen before."""
    wrote = st.session_state.get(_WROTE, {})
    return any(st.query_params.get(name, wrote.get(name, "")) != wrote.get(name, "") for name in _NAMES)


def listed(name: str) -> list[str]:
    """The values of a part of the address; they may be anything."""
    return [value for value in st.query_params.get(name, "").split(",") if value]


def keep(name: str, values: Sequence[str]) -> None:
    """Write them to the address; without any, that part goes."""
    st.session_state[_WROTE] = st.session_state.get(_WROTE, {}) | {name: ",".join(values)}
    if values:
        st.query_params[name] = ",".join(values)
    else:
        st.query_params.pop(name, None)
