"""Draw the README's pictures: `MASKLAB_HOME=<home> python -m docs.screenshots`.

The home must hold drawn faces only, and finished runs with two and three classes on them, so that no real face is
ever in a committed picture.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from core.data.synthetic.demo import make_clip
from core.schema.errors import UserError
from core.store import paths, runs
from tests.browser.harness import chromium, rest, serve

Scheme = Literal["light", "dark"]
_IMAGES = Path(__file__).parent / "images"
_SETTLE_MS = 2500
# Of the grid of photos a few rows say enough.
_TALLEST, _TALLEST_OF = 1900, {"data": 1050}
# name: (address, colour scheme, width in pixels)
_PAGES: dict[str, tuple[str, Scheme, int]] = {
    "home": ("", "light", 1280),
    "data": ("Data", "light", 1280),
    "run": ("Runs?run={run}", "light", 1280),
    "compare-dark": ("Compare", "dark", 1280),
    "home-phone": ("", "light", 390),
}


def main() -> None:
    """Write every picture into docs/images/."""
    home = paths.home()
    if [path.name for path in (home / "datasets").iterdir()] != ["drawn_faces"]:
        raise UserError(f"{home}/datasets must hold drawn_faces and nothing else.")
    _IMAGES.mkdir(exist_ok=True)
    run = next(run for run in runs.every() if (found := run.summary()) and len(found.labels) == 3)
    clip = make_clip(home / "camera.mjpeg", script=(("no_mask", 2.0), ("mask", 2.0)))
    server = serve(home, TORCH_HOME=os.environ.get("TORCH_HOME", ""))
    try:
        with chromium(clip) as browser:
            for name, (address, scheme, width) in _PAGES.items():
                _whole_page(browser, f"{server.url}/{address.format(run=run.id)}", scheme, width, name)
            _evaluate(browser, server.url)
            _live(browser, server.url)
    finally:
        server.kill()
        clip.unlink()


def _open(browser: Browser, url: str, scheme: Scheme = "light", width: int = 1280) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto(url)
    rest(page)
    page.wait_for_timeout(_SETTLE_MS)
    return page


def _whole_page(browser: Browser, url: str, scheme: Scheme, width: int, name: str) -> None:
    _save(_open(browser, url, scheme, width), width, name)


def _save(page: Page, width: int, name: str) -> None:
    height = page.evaluate(
        "Math.max(900, ...[...document.querySelectorAll('[data-testid=stMain] *')].map(part => part.scrollHeight))"
    )
    page.set_viewport_size({"width": width, "height": min(int(height) + 40, _TALLEST_OF.get(name, _TALLEST))})
    page.wait_for_timeout(_SETTLE_MS)
    page.screenshot(path=_IMAGES / f"{name}.png")
    page.context.close()


def _evaluate(browser: Browser, url: str) -> None:
    page = _open(browser, f"{url}/Evaluate?view=Photos")
    page.get_by_text("From a folder").click()
    page.wait_for_timeout(_SETTLE_MS)
    rest(page)
    _save(page, 1280, "evaluate")


def _live(browser: Browser, url: str) -> None:
    page = _open(browser, f"{url}/Live")
    player = page.frame_locator("iframe[title='streamlit_webrtc.component.webrtc_streamer']")
    player.get_by_text("START").click()
    page.wait_for_timeout(3 * _SETTLE_MS)
    page.screenshot(path=_IMAGES / "live.png")
    page.context.close()


if __name__ == "__main__":
    main()
