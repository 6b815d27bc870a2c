"""A real Chromium whose camera is a drawn clip reads labels on the Live page, and an uploaded clip plays back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from core.data.demo import make_clip
from tests.browser.harness import chromium, serve

_PLAYER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
# What a browser answers when its user refuses the camera.
_REFUSE = """if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia =
    () => Promise.reject(new DOMException("Permission denied", "NotAllowedError"));"""


@pytest.fixture(scope="module")
def address(drawn_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Live page, served from a home that holds the network trained on drawn faces."""
    home = tmp_path_factory.mktemp("live") / "home"
    (home / "models").mkdir(parents=True)
    shutil.copy(drawn_model, home / "models")
    server = serve(home)
    yield f"{server.url}/Live"
    server.kill()


def _open(browser: Browser, address: str, script: str = "") -> Page:
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.add_init_script(script)
    page.goto(address)
    expect(page.get_by_text("It tells apart")).to_be_visible(timeout=60_000)
    return page


def _start(page: Page) -> None:
    button = page.frame_locator(_PLAYER).get_by_role("button", name="START")
    for last in (False, True):
        button.click(timeout=20_000)
        try:
            page.wait_for_selector(".reading", timeout=30_000)
            return
        except TimeoutError:
            # About one start in twenty drops at once: press again, once.
            if last:
                raise


def test_the_labels_follow_the_mask_in_front_of_the_camera(address, tmp_path):
    clip = make_clip(tmp_path / "camera.mjpeg", (("no_mask", 3.0), ("mask", 3.0)), seed=3)
    with chromium(clip) as browser:
        page = _open(browser, address)
        _start(page)
        seen, until = set(), time.monotonic() + 60
        while seen != {"mask", "no_mask"} and time.monotonic() < until:
            reading = page.locator(".reading")
            if reading.count() == 1:
                seen.add(reading.get_attribute("data-label"))
            page.wait_for_timeout(200)
        assert seen == {"mask", "no_mask"}
        assert float(page.get_by_test_id("stMetric").nth(1).inner_text().split()[-1]) > 1
        page.frame_locator(_PLAYER).get_by_role("button", name="STOP").click()
        expect(page.get_by_text("Press START")).to_be_visible(timeout=20_000)


def test_a_refused_camera_is_explained_and_a_clip_does_instead(address, tmp_path):
    clip = make_clip(tmp_path / "upload.mp4", (("no_mask", 1.0), ("mask", 1.0)), fps=8, seed=5)
    with chromium() as browser:
        page = _open(browser, address, script=_REFUSE)
        player = page.frame_locator(_PLAYER)
        player.get_by_role("button", name="START").click(timeout=20_000)
        expect(player.get_by_text("NotAllowedError")).to_be_visible(timeout=20_000)
        page.get_by_text("No picture, or an error above?").click()
        expect(page.get_by_text("click the camera or lock symbol")).to_be_visible()
        page.get_by_test_id("stButtonGroup").get_by_text("Clip", exact=True).click()
        page.set_input_files("input[type=file]", str(clip))
        page.get_by_role("button", name="Label this clip").click()
        expect(page.get_by_text("A face was found in 16 of 16 frames")).to_be_visible(timeout=60_000)
        played = "video => video.readyState >= 2 && video.videoWidth === 640 && !video.error"
        page.wait_for_function(f"() => [...document.querySelectorAll('video')].some({played})", timeout=20_000)
