"""The glossary's page: docs/glossary.md term by term, so that it works without a network and on a phone."""

from __future__ import annotations

import re

import streamlit as st

from core.store import paths
from core.text.markup import plain

GLOSSARY = paths.PROJECT / "docs" / "glossary.md"
_ROW = re.compile(r"^\| <a id=\"[\w-]+\"></a>(.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def show() -> None:
    """All terms, or those that hold what is typed."""
    asked = st.text_input("Search", placeholder="A term, or a word of its meaning", key="glossary_search").strip()
    rows = _ROW.findall(GLOSSARY.read_text(encoding="utf-8"))
    found = [row for row in rows if asked.lower() in " ".join(row).lower()]
    if not found:
        st.info(f"No term here holds “{plain(asked)}”: try a shorter word.", icon=":material/search_off:")
    st.markdown("\n\n".join(f"**{term}** \u2013 {meaning}  \n:small[:gray[{where}]]" for term, meaning, where in found))
