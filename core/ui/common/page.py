"""What every page has: its title, the line that says what it answers, errors as sentences, and the way to another page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.schema.errors import UserError
from core.schema.labels import COLOURS, SYMBOLS, Label
from core.text.markup import plain
from core.ui.common import garbage, visits

# A link within the app opens in another tab: a form that is filled in, or a camera that runs, stays.
_HELP = "Terms such as recall or operating point are explained in the [Glossary](Glossary)."
# Black has a contrast above 5 with each label's colour, which as text on white have 2.2 to 3.9.
_BADGE = "display:inline-block;color:#000;border-radius:.4rem;padding:0 .45rem;font-size:.9em;font-weight:600;"
# What Streamlit's themes and plotly leave below a contrast of 4.5: captions with links and code in them, white on the
# dark theme's primary colour, badges, grey in charts and numbers on bars. light-dark() goes by the theme that the user
# chose.
_CONTRAST = """<style>
[data-testid=stCaptionContainer] { opacity: 1; color: light-dark(#4A555E, #B4C0C8); }
[data-testid=stCaptionContainer] :is(p, a, code) { opacity: 1; }
.stMarkdownBadge { color: light-dark(#1C2730, #E6EDF1) !important; }
[data-testid*="Button-primary"]:not(:disabled) :is(p, span) { color: light-dark(#FFFFFF, #10171C); }
.js-plotly-plot text[style*="fill: rgb(128, 132, 149)"] { fill: light-dark(#4A555E, #B4C0C8) !important; }
.js-plotly-plot .bartext-inside { fill: #000 !important; }
</style>"""
# Beside the app's part of the page, where light-dark() would go by the browser's default.
_DIALOGS = "<style>[role=dialog] { color-scheme: %s; }</style>"
# Presses the link to a page once it is there (any that leads there will do), as long as it is still wanted.
_FOLLOW = """<script>(function follow() {
    const [page, query] = %s, parts = text => new URLSearchParams(text).toString();
    const link = [...document.links].find(
        link => link.pathname.split('/').pop() === page && parts(link.search) === parts(query));
    if (link) link.click();
    else if (document.querySelector('.st-key-go_to')) requestAnimationFrame(follow);
})();</script>"""


@contextmanager
def page(title: str, answers: str) -> Iterator[None]:
    """Set up the page, with the line that says what it answers, and show a UserError from its body as a sentence
    instead of a traceback."""
    visits.note(title)
    _keep_address()
    st.set_page_config(page_title=f"{title} · Mask Lab", page_icon="😷", layout="wide")
    st.html(_CONTRAST)
    if theme := st.context.theme.type:
        st.html(_DIALOGS % theme)
    st.title(title, help=_HELP)
    if answers:
        st.caption(answers)
    try:
        yield
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")
    garbage.pass_over_imports()


def go_to(script: str, query: Mapping[str, str], label: str) -> None:
    """Go to another page, as pressing a link with this label does; draw the rest of this one as ever. After
    st.switch_page or st.stop a fragment that redraws itself could still be drawn by Streamlit 1.67 where the page that
    it belonged to no longer is: that is an error which leaves the window white."""
    # What Streamlit calls a page: its file's name without the number in front; the first page has no name.
    name = "" if script == "Home.py" else Path(script).stem.partition("_")[2]
    target = json.dumps([name, urlencode(query)]).replace("<", "\\u003c")
    with st.container(key="go_to"):
        st.page_link(script, label=label, icon=":material/arrow_forward:", query_params=query)
        st.html(_FOLLOW % target, unsafe_allow_javascript=True)


def label_badge(label: Label | str) -> str:
    """A label on its colour with its symbol, as HTML for st.html or st.markdown (labels are ours, never user text)."""
    label = Label(label)
    return f'<span style="{_BADGE}background:{COLOURS[label]}">{SYMBOLS[label]} {label}</span>'


def numbers(*items: tuple[str, str | int] | tuple[str, str | int, str]) -> None:
    """A row of (label, value, help) that wraps on a phone."""
    with st.container(horizontal=True, gap="small"):
        for label, value, *text in items:
            st.metric(label, value, border=True, help=text[0] if text else None, width="stretch")


def _keep_address() -> None:
    """Write what the script was asked for into the address, where nothing changes if it says so already. A link to the
    page that it stands on leaves the address as it was: the next rerun would go back to what that names."""
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    try:
        st.query_params.from_dict(asked)
        return
    except StreamlitAPIException:
        # Some are a widget's, which alone may set them. Any other takes them along.
        pass
    for key, values in asked.items():
        with suppress(StreamlitAPIException):
            st.query_params[key] = values
            return
