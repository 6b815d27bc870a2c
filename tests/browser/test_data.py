"""The Data page in a real browser: numbers that can be read, no toolbar, whole tables, and what is unreadable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Server, cut_tables, new_page, serve, settle

_LAPTOP, _PHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def server(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("data") / "home"
    folder = shutil.copytree(faces, home / "datasets" / "drawn")
    (folder / "mask" / "broken.jpg").write_bytes(b"no picture")
    started = serve(home)
    yield started
    started.kill()


@pytest.fixture(scope="module", params=[_LAPTOP, _PHONE], ids=["laptop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    opened = new_page(browser, viewport=request.param)
    opened.goto(f"{server.url}/Data")
    settle(opened)
    yield opened
    opened.context.close()


def test_the_split_s_numbers_stand_beside_plain_bars(page: Page):
    page.get_by_role("tab", name="Split").click()
    expect(page.locator(".bartext-outside")).to_have_count(9)
    assert page.locator(".bartext-inside").count() == 0
    assert page.locator(".js-plotly-plot pattern").count() == 0


def test_no_toolbar_covers_a_title(page: Page):
    page.get_by_role("tab", name="Split").click()
    chart = page.locator(".js-plotly-plot").first
    chart.hover()
    assert page.locator(".modebar-btn").count() == 0


def test_unreadable_files_are_listed_with_their_reason(page: Page):
    page.get_by_role("tab", name="Unreadable files (1)").click()
    expect(page.get_by_text("These files are left out.")).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]:visible")).to_have_count(1)
    assert cut_tables(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
