"""What a user does in the training form and at the camera, for the tests in which that is the way to something else."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import PATIENCE, PLAYER, settle
from tests.fixtures.support import wait_for

# The whole form fits in: a list that is open closes when something scrolls.
HIGH = 2400


def open_advanced(page: Page) -> None:
    """Unfold the form's settings, in a window HIGH enough for them."""
    side = page.get_by_test_id("stSidebar")
    side.get_by_text("Advanced", exact=True).click()
    expect(side.get_by_role("spinbutton", name="Epochs", exact=True)).to_be_visible()
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """In one of the form's lists."""
    box = page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").filter(has_text=label)
    box.get_by_role("combobox").click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def type_number(page: Page, label: str, value: str) -> None:
    """In one of the form's fields."""
    field = page.get_by_test_id("stSidebar").get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")
    settle(page)


def stop_player(page: Page) -> None:
    """Press Live's STOP. A click on another page before this one knows of it would be lost: Streamlit runs the page
    that the player's message is of."""
    page.frame_locator(PLAYER).get_by_role("button", name="STOP").click()
    expect(page.get_by_text("Press START")).to_be_visible()
    settle(page)


def start_camera(page: Page) -> Locator:
    """The button to hold, once the camera runs."""
    page.get_by_role("button", name="Start the camera").click()
    shutter = page.get_by_role("button", name="Hold to take photos")
    expect(shutter).to_be_enabled()
    return shutter


def hold(page: Page, shutter: Locator, at_least: int) -> None:
    """Hold the button until so many photos are saved in all, and wait for those that are under way."""
    shutter.hover()
    page.mouse.down()
    wait_for(lambda: saved(page) >= at_least, PATIENCE)
    page.mouse.up()
    all_answered(page)


def saved(page: Page) -> int:
    """How many photos the page says are saved."""
    found = re.match(r"(\d+) saved", page.locator(".tally").inner_text())
    return int(found[1]) if found else 0


def all_answered(page: Page) -> None:
    """No photo is under way."""
    expect(page.locator(".tally")).not_to_contain_text("on the way")
