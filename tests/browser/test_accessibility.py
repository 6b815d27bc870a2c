"""axe-core on every page, in light and dark: no serious or critical finding in what is ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.accessibility import WIDE, look, look_at
from benchmarks.addresses import PATHS, address
from core.store.runs import Run
from tests.browser.harness import Server, new_page, serve
from tests.fixtures.home_fixtures import home_of


@pytest.fixture(scope="module")
def server(furnished: list[Run]) -> Iterator[Server]:
    started = serve(furnished[0].folder.parents[1])
    yield started
    started.kill()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return new_page(browser, viewport=WIDE)


@pytest.fixture(autouse=True)
def home(furnished: list[Run], own_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the server's runs from the test."""
    for name, value in home_of(furnished[0].folder.parents[1]).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", PATHS)
def test_nothing_keeps_anybody_out(name: str, page: Page, server: Server, furnished: list[Run]):
    found = {
        theme: [finding for finding in findings if finding.grave and not finding.theirs]
        for theme, findings in look_at(page, f"{server.url}/{address(name, *furnished)}")
    }
    assert found == {"light": [], "dark": []}


def test_faults_are_found(page: Page, server: Server, furnished: list[Run]):
    """A button without a name, pale text and pale text in a chart, put on a page that has none of them."""
    list(look_at(page, f"{server.url}/{address('Glossary', *furnished)}"))
    page.evaluate("""() => document.querySelector('[data-testid=stMain] h1').insertAdjacentHTML('beforebegin',
        '<button></button><p style="color:#999;background:#fff">pale</p>'
        + '<div class="js-plotly-plot"><svg><text y="20" style="fill:#333">dark on dark</text></svg></div>')""")
    assert {finding.rule for finding in look(page) if finding.grave} == {"button-name", "color-contrast", "chart-text"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dialog_and_the_ways_for_photos_to_come_in_keep_nobody_out(theme: str, page: Page, server: Server):
    page.emulate_media(color_scheme=theme)
    page.goto(f"{server.url}/Data")
    page.get_by_role("button", name="New dataset").click()
    expect(page.get_by_role("button", name="Make it")).to_be_visible()
    # axe-core is not sure of what lies over something else.
    assert page.get_by_role("dialog").evaluate("dialog => getComputedStyle(dialog).colorScheme") == theme
    found = {"dialog": look(page)}
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("radio", name="Add photos").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_enabled()
    # What the mouse is over is paler.
    page.mouse.move(0, 0)
    found["camera"] = look(page)
    page.get_by_role("radio", name="Upload").click()
    expect(page.get_by_role("button", name="Import")).to_be_visible()
    page.mouse.move(0, 0)
    found["upload"] = look(page)
    grave = {where: [one for one in own if one.grave and not one.theirs] for where, own in found.items()}
    assert grave == {"dialog": [], "camera": [], "upload": []}
