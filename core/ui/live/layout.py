"""How Live lies on a screen: one line of settings, the picture as large as the window leaves room for, and what
is said beside it, or below it on a phone and with a large picture.

Streamlit's elements stay where they are whatever the layout: a browser loads a player that has moved anew, and its
video ends. Only the style sheet differs.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

LINE, STAGE = "live_line", "live_stage"
# Everything above and below a picture of 4:3 that stays in sight: header, title and line; START and its margin.
_AROUND, _AROUND_LARGE = "20.5rem", "14rem"
_STYLE = """<style>
.st-key-live_line { row-gap: .25rem; }
@media (min-width: 640px) {
  .st-key-live_stage [data-testid="stColumn"]:first-child { flex: 100 1 %(wanted)s; max-width: %(widest)s; }
  .st-key-live_stage [data-testid="stColumn"]:last-child { flex: 1 1 17rem; min-width: 17rem; }
  .st-key-live_stage > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"],
  .st-key-live_stage > [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
}
@media (max-width: 639px) {
  .stMainBlockContainer { padding: 3.5rem 1rem 2rem; }
  .stMainBlockContainer h1 { font-size: 1.6rem; padding: 0; }
}
%(large)s
</style>"""
# The title stays for those who hear the page.
_LARGE = """.stMainBlockContainer { padding: 2.5rem 1rem 2rem; }
.stMainBlockContainer [data-testid="stHeading"]:has(h1) { position: absolute; clip-path: inset(50%); }"""


def line() -> DeltaGenerator:
    """The line of settings, which wraps."""
    return st.container(key=LINE, horizontal=True, gap="medium", vertical_alignment="bottom")


def stage(large: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of the picture and of what is said beside it."""
    around = _AROUND_LARGE if large else _AROUND
    widest = f"max(20rem, calc((100vh - {around}) * 4 / 3))"
    # A large picture has its own row where there is no room beside it.
    st.html(_STYLE % {"widest": widest, "wanted": widest if large else "24rem", "large": _LARGE if large else ""})
    with st.container(key=STAGE):
        picture, beside = st.columns([3, 2], gap="medium")
    return picture, beside
