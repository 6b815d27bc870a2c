"""The loop closed in a real browser: a face that Live has wrong goes into the inbox, and from there by keys into the
dataset."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.data.synthetic.demo import make_clip
from tests.browser.harness import PATIENCE, PLAYER, Server, chromium, new_page, settle
from tests.browser.steps import stop_player
from tests.fixtures.support import wait_for


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Its camera shows one drawn person."""
    clip = make_clip(tmp_path_factory.mktemp("clip") / "one.mjpeg", [("no_mask", 1.0)], fps=4, seed=3)
    with chromium(clip) as started:
        yield started


@pytest.fixture
def folder(live_server: Server) -> Iterator[Path]:
    """A dataset of the server, which other tests do not find."""
    made = live_server.home / "datasets" / "class"
    for label in ("mask", "no_mask", "wrong_mask"):
        (made / label).mkdir(parents=True)
    yield made
    shutil.rmtree(made)


def _photos(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


def _say_that_it_is_wrong(page: Page) -> None:
    page.get_by_role("button", name="This is wrong").click()
    expect(page.get_by_text("Which label is right?")).to_be_visible()
    page.get_by_role("button", name="✕ no_mask").click()
    expect(page.get_by_text("Kept in the inbox of class")).to_be_visible()


def test_what_live_has_wrong_is_labelled_in_the_inbox_by_keys(browser, live_server, folder):
    page = new_page(browser, viewport={"width": 1200, "height": 1000})
    page.goto(f"{live_server.url}/Live?live_model=own")
    page.frame_locator(PLAYER).get_by_role("button", name="START").click()
    page.wait_for_selector(".reading[data-label]")
    assert _photos(folder) == [], "nothing is kept before somebody has said so"
    _say_that_it_is_wrong(page)
    (kept,) = _photos(folder)
    assert kept.startswith(".inbox/live-")
    stop_player(page)

    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("radio", name="Inbox (1)").click()
    place = page.locator(".place[data-file]")
    expect(place).to_have_attribute("data-file", kept)
    expect(page.locator(".inbox .said")).to_contain_text("Somebody said no mask")
    page.keyboard.press("Enter")
    accepted = [f"no_mask/{kept.removeprefix('.inbox/')}"]
    wait_for(lambda: _photos(folder) == accepted, PATIENCE)
    expect(page.get_by_text("All done")).to_be_visible()
    expect(page.get_by_role("button", name="Undo: 1 photo labelled no_mask")).to_be_visible()
    page.keyboard.press("u")
    expect(place).to_have_attribute("data-file", kept)
    wait_for(lambda: _photos(folder) == [kept], PATIENCE)
    page.keyboard.press("3")
    wait_for(lambda: _photos(folder) == [accepted[0].replace("no_mask/", "wrong_mask/")], PATIENCE)
    settle(page)
    assert page.get_by_test_id("stException").count() == 0
    page.context.close()
