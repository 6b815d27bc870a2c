"""The Live page in a real Chromium on a computer without a camera."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.harness import PLAYER, chromium, new_page


def test_without_a_camera_the_page_says_so_and_offers_a_clip_or_a_photo(live_server):
    with chromium(camera=False) as browser:
        page = new_page(browser, viewport={"width": 390, "height": 844})
        page.goto(f"{live_server.url}/Live?live_model=own")
        player = page.frame_locator(PLAYER)
        expect(page.get_by_text("Labels:")).to_be_attached()
        expect(player.get_by_role("button", name="START")).to_be_in_viewport()
        player.get_by_role("button", name="START").click()
        expect(player.get_by_text("NotFoundError")).to_be_visible()
        page.get_by_text("No picture, or an error above?").click()
        expect(page.get_by_text("plug a camera in and reload, or use a clip or a photo")).to_be_visible()
        expect(page.get_by_test_id("stButtonGroup").get_by_text("Photo", exact=True)).to_be_visible()
        wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0
        assert page.get_by_test_id("stException").count() == 0
