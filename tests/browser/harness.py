"""A real server on a free port and a real Chromium with a fake camera."""

from __future__ import annotations

import os
import shutil
import signal
import socket
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
from tests.fixtures.support import wait_for

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
# How long any condition is waited for, beside other work on two cores; what is there sooner is taken sooner.
PATIENCE = 180
PLAYER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
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


def serve(home: Path, port: int | None = None, script: Path = PROJECT / "Home.py", **settings: str) -> Server:
    """Start the app, or another script, on this home, with these environment variables, and wait until it answers."""
    port = port or _free_port()
    environment = os.environ | {
        "MASKLAB_HOME": str(home), "MASKLAB_DATA": str(home / "datasets"), "OMP_NUM_THREADS": "2",
        # An empty cache and no network: what a user without ImageNet weights has.
        "TORCH_HOME": str(home / "torch"),
    } | settings  # fmt: skip
    log = (home.parent / "server.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    wait_for(lambda: _healthy(url), PATIENCE)
    return Server(url, home, process)


@contextmanager
def chromium(clip: Path | None = None, camera: bool = True) -> Iterator[Browser]:
    """A headless Chromium whose camera, if it has one, shows the clip (.mjpeg), allowed without asking."""
    arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--disable-background-networking"]
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
    return context.new_page()


def settle(page: Page) -> None:
    """Wait until the script has run through."""
    page.wait_for_selector(READY)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]
