"""Hostile names in a real Chromium: Streamlit's own Markdown shows their letters and nothing else, and no page asks
another computer for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from core.store import runs
from core.store.job_state import State
from core.store.paths import PROJECT
from tests.browser.harness import Server, new_page, serve, settle
from tests.fixtures.hostile import BREAKING, HOSTILE
from tests.fixtures.support import picture, tiny_config

_TEXTS = [*HOSTILE.values(), *BREAKING]
_SCRIPT = """
import streamlit as st
from core.text.markup import plain
from tests.fixtures.hostile import BREAKING
from tests.fixtures.hostile import HOSTILE

for place, text in enumerate([*HOSTILE.values(), *BREAKING]):
    with st.container(key=f"hostile{place}"):
        st.markdown(plain(text))
        st.info(plain(text))
        st.button(plain(text), key=f"button{place}")
        st.progress(0.5, plain(text))
        st.markdown(f"<b></b>{plain(text)}", unsafe_allow_html=True)
if "bare" in st.query_params:
    st.markdown(HOSTILE["picture"])
st.caption("the end")
"""
# Of each piece of Markdown its letters and the kinds of elements in it.
_READ = """place => [...document.querySelectorAll(`.st-key-hostile${place} [data-testid=stMarkdownContainer]`)].map(
    one => [one.textContent, [...one.querySelectorAll('*')].map(inner => inner.tagName).join(' ')])"""


@contextmanager
def opened(browser: Browser, server: Server, path: str) -> Iterator[tuple[Page, list[str]]]:
    """The page, and the addresses of other computers that it asked for."""
    page, strange = new_page(browser), []
    page.on("request", lambda request: strange.extend([request.url] if _is_strange(request.url, server) else []))
    page.route(re.compile(r"x\.test"), lambda route: route.abort())
    page.goto(f"{server.url}/{path}")
    settle(page)
    yield page, strange
    page.context.close()


def _is_strange(url: str, server: Server) -> bool:
    return not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))


def test_every_name_shows_its_letters_and_nothing_else(browser: Browser, tmp_path: Path):
    (tmp_path / "names.py").write_text(_SCRIPT)
    server = serve(tmp_path / "home", script=tmp_path / "names.py", PYTHONPATH=str(PROJECT))
    try:
        with opened(browser, server, "") as (page, strange):
            page.get_by_text("the end").wait_for()
            for place, text in enumerate(_TEXTS):
                shown = re.sub(r"\s+", " ", BREAKING.get(text, text)).strip()
                # Some kinds of elements are loaded after the script has run through.
                page.wait_for_function(f"place => ({_READ})(place).length === 5", arg=place)
                found = page.evaluate(_READ, place)
                for words, kinds in found:
                    assert re.sub(r"\s+", " ", words.replace("\N{WORD JOINER}", "")).strip() == shown
                    assert kinds in ("P", "P B"), (text, kinds)
            assert strange == []
        with opened(browser, server, "?bare=1") as (page, strange):
            page.get_by_text("the end").wait_for()
            assert strange == ["http://x.test/p.png"], "a picture that is not made safe is asked for"
    finally:
        server.kill()


def test_a_hostile_folder_loads_no_picture_from_elsewhere(browser: Browser, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MASKLAB_HOME", str(tmp_path / "home"))
    # No name holds a slash, but a path's parts together may be an address.
    folder = tmp_path / "home" / "datasets" / "![](http:" / "x.test" / "p.png) :red[a] www.x.test"
    for number, label in enumerate(("mask", "no_mask")):
        (folder / label).mkdir(parents=True)
        for turn in range(3):
            picture(10 * number + turn).save(folder / label / f"![](http:x.test) {turn}.png")
        (folder / label / "![a](www.x.test).jpg").write_text("no picture")
    where = str(folder).replace("http:/x", "http://x")
    run = runs.create(tiny_config(Path(where)), 2)
    run.job.write(State("failed", f"{where} holds no photo."))
    server = serve(tmp_path / "home", MASKLAB_DATA=str(folder.parent))
    try:
        for path in ("", f"Runs?run={run.id}", "Data", "Evaluate?view=Photos"):
            with opened(browser, server, path) as (page, strange):
                if path.startswith("Runs?"):
                    page.get_by_text("holds no photo.").wait_for()
                if path == "Data":
                    page.get_by_text("Unreadable files (2)").click()
                    settle(page)
                assert page.locator("[data-testid=stMarkdownContainer] img").count() == 0
                assert page.locator("[data-testid=stMarkdownContainer] a[href*='x.test']").count() == 0
                assert strange == [], path
    finally:
        server.kill()
