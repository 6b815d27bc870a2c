"""A real Chromium whose camera is a drawn clip reads labels on the Live page, and an uploaded clip plays back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from core.data.demo import make_clip
from core.paths import PROJECT
from tests.live_fixtures import drawn_model  # noqa: F401
from tests.support import wait_for

_PLAYER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
_CAMERA_FLAGS = ("--no-sandbox", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def address(drawn_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: F811
    """The app served from a home that holds the network trained on drawn faces."""
    home = tmp_path_factory.mktemp("live_home")
    (home / "models").mkdir()
    shutil.copy(drawn_model, home / "models")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port)]
    env = os.environ | {"MASKLAB_HOME": str(home), "MASKLAB_DATA": str(home), "MASKLAB_ICE_SERVERS": ""}
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=log, stderr=log)
    try:
        wait_for(lambda: _healthy(port) or server.poll() is not None, 60)
        assert server.poll() is None, (home / "server.log").read_text()
        yield f"http://localhost:{port}/Live"
    finally:
        server.terminate()
        server.wait(20)


def _healthy(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).status == 200
    except OSError:
        return False


def _browser(playwright, *flags: str) -> Browser:
    path = os.environ.get("MASKLAB_CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=[*_CAMERA_FLAGS, *flags])


def _open(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
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
    clip = make_clip(tmp_path / "camera.mjpeg", (("no_mask", 4.0), ("mask", 4.0)), seed=3)
    flags = "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={clip}"
    with sync_playwright() as playwright:
        page = _open(_browser(playwright, *flags), address)
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
    with sync_playwright() as playwright:
        page = _open(_browser(playwright, "--deny-permission-prompts"), address)
        player = page.frame_locator(_PLAYER)
        player.get_by_role("button", name="START").click(timeout=20_000)
        expect(player.get_by_text("The browser refused the camera")).to_be_visible(timeout=20_000)
        page.get_by_text("No picture?", exact=True).click()
        expect(page.get_by_text("Click the camera or lock symbol")).to_be_visible()
        page.get_by_test_id("stButtonGroup").get_by_text("Clip", exact=True).click()
        page.set_input_files("input[type=file]", str(clip))
        page.get_by_role("button", name="Label this clip").click()
        expect(page.get_by_text("A face was found in 16 of 16 frames")).to_be_visible(timeout=60_000)
        played = "video => video.readyState >= 2 && video.videoWidth === 640 && !video.error"
        page.wait_for_function(f"() => [...document.querySelectorAll('video')].some({played})", timeout=20_000)
