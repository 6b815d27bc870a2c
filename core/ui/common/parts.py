"""Parts of a page: one that may fail without taking the others with it, and a chart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from core.schema.errors import UserError
from core.text.markup import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


@contextmanager
def part() -> Iterator[None]:
    """Shows a UserError of its block as a sentence."""
    try:
        yield
    except UserError as error:
        st.warning(plain(str(error)), icon=":material/error:")


def chart(figure: go.Figure, key: str) -> None:
    """A chart as wide as its place, without Plotly's toolbar, which covers the title on a phone."""
    st.plotly_chart(figure, width="stretch", key=key, config={"displayModeBar": False})
