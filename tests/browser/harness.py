"""A real server on a free port and a real Chromium with a fake camera."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.store.paths import PROJECT
from tests.fixtures.speeds import know_choices
from tests.fixtures.support import wait_for

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
# How long any condition is waited for, beside other work on two cores; what is there sooner is taken sooner.
PATIENCE = 180
# As PATIENCE, for all of a training and for several epochs of it.
TRAINED = 1200
# What stands for something that is still to come.
PENDING = "[data-testid=stSkeleton], [data-testid=stSpinner]"
# Each window loaded pages of the address bar's list, which nobody sees: a quarter of what opening a page took. The
# others are of Playwright's own list, which this one replaces.
_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter",
    "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
PLAYER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
# The name by which another device would reach this machine; only `chromium` knows it.
ELSEWHERE = "masklab.test"
_ANY_CERTIFICATE = ssl.create_default_context()
_ANY_CERTIFICATE.check_hostname, _ANY_CERTIFICATE.verify_mode = False, ssl.CERT_NONE
expect.set_options(timeout=1000 * PATIENCE)


@dataclass
class Server:
    """A running app: its address, its MASKLAB_HOME and its process."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """SIGKILL, as a crash would be."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def serve(home: Path, port: int | None = None, script: Path = PROJECT / "app.py", **settings: str) -> Server:
    """Start the app, or another script, on this home, with these environment variables, and wait until it answers. How
    fast the form's choices train is known: trials of them would take most of the processors from many tests."""
    port = port or _free_port()
    environment = os.environ | {
        "MASKLAB_HOME": str(home), "MASKLAB_DATA": str(home / "datasets"),
        # Beside other work, two threads that wait for each other take twice the time of the processors that one takes.
        "OMP_NUM_THREADS": "1",
        # An empty cache and no network: what a user without ImageNet weights has.
        "TORCH_HOME": str(home / "torch"),
    } | settings  # fmt: skip
    know_choices(environment)
    log = (home.parent / "server.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    scheme = "https" if "STREAMLIT_SERVER_SSL_CERT_FILE" in settings else "http"
    url = f"{scheme}://localhost:{port}"
    wait_for(lambda: _healthy(url), PATIENCE)
    return Server(url, home, process)


@contextmanager
def chromium(clip: Path | None = None, camera: bool = True) -> Iterator[Browser]:
    """A headless Chromium whose camera, if it has one, shows the clip (.mjpeg), allowed without asking."""
    arguments = [
        "--no-sandbox", "--use-fake-ui-for-media-stream", "--disable-background-networking",
        f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1", f"--disable-features={','.join(_OFF)}",
    ]  # fmt: skip
    if camera:
        arguments.append("--use-fake-device-for-media-stream")
    if clip:
        arguments.append(f"--use-file-for-fake-video-capture={clip.resolve()}")
    installed = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, **settings: Any) -> Page:
    """A page in a context of its own (`page.context.close()` closes both) that is as patient as PATIENCE."""
    context = browser.new_context(**settings)
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    # pytest shows it where a test fails.
    page.on("pageerror", lambda error: print(f"Error in the page: {error}"))
    return page


def settle(page: Page) -> None:
    """Wait until the script has run through."""
    page.wait_for_selector(READY)


def cut_tables(page: Page) -> list[int]:
    """Of each table that is wider than its place how many pixels are cut off."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stDataFrame] .dvn-scroller')]
            .map(table => table.scrollWidth - table.clientWidth).filter(pixels => pixels > 1)"""
    )


def rest(page: Page) -> None:
    """Wait until the page is there, its script has run through and nothing is still to come."""
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    expect(page.locator(PENDING)).to_have_count(0)
    settle(page)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1, context=_ANY_CERTIFICATE) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]
