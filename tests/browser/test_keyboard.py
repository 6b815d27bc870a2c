"""The keyboard alone: train, watch, compare and go live, with the place of the keyboard always to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.store import runs
from core.store.runs import Run
from tests.browser.harness import PLAYER, TRAINED, Server, new_page, serve, settle
from tests.fixtures.home_fixtures import home_of
from tests.fixtures.support import wait_for

# More than any page has places for the keyboard.
_MOST = 200
_FOCUSED = "place => place === place.ownerDocument.activeElement"
# How the focused element, what surrounds it and what is beside it are outlined.
_LOOK = """place => {
    const parts = [];
    for (let part = place, level = 0; part.parentElement && level < 4; part = part.parentElement, level++)
        parts.push(...part.parentElement.children);
    return [...new Set(parts)].map(part => {
        const style = getComputedStyle(part);
        const outline = style.outlineStyle === 'none' ? '' : style.outline;
        return [outline, style.boxShadow, style.borderColor, style.backgroundColor].join(' ');
    }).join(' | ');
}"""


@pytest.fixture(scope="module")
def server(furnished: list[Run]) -> Iterator[Server]:
    started = serve(furnished[0].folder.parents[1])
    yield started
    started.kill()


@pytest.fixture(autouse=True)
def home(server: Server, own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the server's runs from the test."""
    for name, value in home_of(server.home).items():
        monkeypatch.setenv(name, value)


def test_from_home_to_live(browser: Browser, server: Server, furnished: list[Run]):
    page = new_page(browser, viewport={"width": 1366, "height": 800})
    page.goto(server.url)
    side = page.get_by_test_id("stSidebar")
    _go(page, side.get_by_role("radio", name=re.compile("^Balanced")))
    page.keyboard.press("ArrowUp")
    expect(side.get_by_role("radio", name=re.compile("^Quick"))).to_be_checked()
    train = side.get_by_role("button", name="Train", exact=True)
    expect(train).to_be_enabled()
    _go(page, train)
    page.keyboard.press("Enter")
    page.wait_for_url("**/Runs?run=*")
    new = runs.every()[0]
    assert len(runs.every()) == len(furnished) + 1 and new.id in page.url
    wait_for(lambda: not new.state.active, TRAINED)
    assert new.state.status == "finished"
    _go(page, side.get_by_role("link", name="Compare"))
    page.keyboard.press("Enter")
    settings = page.get_by_test_id("stExpander").filter(has_text="Settings that differ")
    _go(page, settings.locator("summary"))
    page.keyboard.press("Enter")
    expect(settings.get_by_test_id("stDataFrame")).to_be_visible()
    _go(page, side.get_by_role("link", name="Live"))
    page.keyboard.press("Enter")
    _go(page, page.frame_locator(PLAYER).get_by_role("button", name="START"))
    page.keyboard.press("Enter")
    player = page.query_selector(PLAYER).content_frame()
    player.wait_for_function("() => document.querySelector('video')?.currentTime > 0")


def _go(page: Page, place: Locator) -> None:
    """Press Tab until the keyboard is at a place, once it is there, and see that this is shown."""
    expect(place).to_have_count(1)
    settle(page)
    pressed = 0
    while not place.evaluate(_FOCUSED):
        assert pressed < _MOST, f"no Tab leads to {place}"
        page.keyboard.press("Tab")
        pressed += 1
    shown = place.evaluate(_LOOK)
    place.evaluate("place => place.blur()")
    wait_for(lambda: place.evaluate(_LOOK) != shown, 5)
    place.evaluate("place => place.focus()")
