"""Parts of a page that may fail without taking the others with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.schema.errors import UserError
from core.text.markup import plain


@contextmanager
def part() -> Iterator[None]:
    """Shows a UserError of its block as a sentence."""
    try:
        yield
    except UserError as error:
        st.warning(plain(str(error)), icon=":material/error:")
