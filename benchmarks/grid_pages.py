"""How quick the Data page's grid and map are in a browser, with many small drawn photos.

    python -m benchmarks.grid_pages                       # a grid of 50,000 photos, a map of 10,000
    python -m benchmarks.grid_pages --photos 5000 --mapped 1000

Photos and home lie in a temporary folder (TMPDIR says where). The browser and the server share this machine. Times are
in seconds from the click or key until the first picture or the points are drawn: the median, and the longest.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image
from playwright.sync_api import Page, WebSocket

from core.data.dataset.scan import scan
from core.data.synthetic.demo import draw_face
from core.evaluation.photo_map import worker
from core.schema.labels import TWO_CLASSES
from core.schema.train_config import STARTER
from tests.browser.harness import chromium, new_page, serve, settle
from tests.browser.steps import HIGH

_DRAWN, _SIDE, _TURNS, _EACH_FOLDER = 40, 96, 9, 50
# Looks into components, each in a tree of its own.
_FIND = """(selector) => {
    const inside = root => [...root.querySelectorAll('*')].flatMap(
        element => element.shadowRoot ? [element.shadowRoot, ...inside(element.shadowRoot)] : []);
    for (const root of [document, ...inside(document)]) {
        const found = root.querySelector(selector);
        if (found) return found;
    }
    return null;
}"""
_SHOWN = f"""(before) => {{
    const tile = ({_FIND})('.photo');
    const picture = tile && tile.querySelector('img');
    return tile && tile.dataset.file !== before && picture && picture.complete && picture.naturalWidth > 0;
}}"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=50_000)
    parser.add_argument("--mapped", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        os.environ |= {"MASKLAB_HOME": str(home), "MASKLAB_DATA": str(home / "datasets")}
        many, some = (home / "datasets" / name for name in ("a_grid", "b_map"))
        _draw(many, args.photos)
        _draw(some, args.mapped)
        for folder in (many, some):
            _told(f"first scan of {folder.name}", [_seconds(lambda folder=folder: scan(folder))])
        _draw_map(some)
        server = serve(home, OMP_NUM_THREADS="2")
        try:
            with chromium() as browser:
                page = new_page(browser, viewport={"width": 1366, "height": HIGH})
                _grid(page, server.url)
                _map(page, server.url)
        finally:
            server.kill()


def _draw(root: Path, count: int) -> None:
    random = np.random.default_rng(0)
    faces = [np.asarray(draw_face(TWO_CLASSES[number % 2], random, _SIDE)) for number in range(_DRAWN)]
    for number in range(count):
        folder = root / TWO_CLASSES[number % 2] / f"person{number // _EACH_FOLDER}"
        folder.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        shade = random.integers(-40, 40, (1, 1, 3))
        Image.fromarray((faces[number % _DRAWN] + shade).clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
        (folder / f"{number}.jpg").write_bytes(out.getvalue())


def _draw_map(root: Path) -> None:
    begun: dict[str, float] = {}
    started = time.perf_counter()
    photos = worker.draw(root, STARTER, lambda what, done, total: begun.setdefault(what, time.perf_counter()))
    laid = time.perf_counter() - begun["Laying them out"]
    whole = time.perf_counter() - started
    print(f"map of {photos:,} different photos drawn in {whole:.0f} s, of which t-SNE {laid:.0f} s", flush=True)


def _grid(page: Page, url: str) -> None:
    page.goto(f"{url}/Data")
    page.wait_for_function(_SHOWN, arg="")
    settle(page)

    def key() -> None:
        page.get_by_role("listbox", name="Photos").focus()
        page.keyboard.press("PageDown")

    _told("grid: next page", [_until_other(page, key) for _ in range(_TURNS)])
    settle(page)
    for title, options in {
        "Label": ("✕ no_mask", "● mask"), "Sort": ("by file name", "newest first"), "Person": ("person7", "person11"),
    }.items():  # fmt: skip
        _told(f"grid: {title}", [_choose(page, title, options[turn % 2]) for turn in range(_TURNS)])


def _choose(page: Page, title: str, option: str) -> float:
    """From the click on the option, of which a long list shows only those that were typed."""
    page.get_by_test_id("stSelectbox").get_by_role("combobox", name=title, exact=True).click()
    if title == "Person":
        page.keyboard.type(option)
    chosen = page.get_by_role("option", name=option, exact=True)
    chosen.hover()
    return _until_other(page, chosen.click)


def _until_other(page: Page, act: Callable[[], None]) -> float:
    before = page.locator(".photo").first.get_attribute("data-file")
    return _seconds(lambda: (act(), page.wait_for_function(_SHOWN, arg=before)))


def _map(page: Page, url: str) -> None:
    received = [0]

    def heard(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.__setitem__(0, received[0] + len(frame)))

    page = new_page(page.context.browser, viewport={"width": 1366, "height": HIGH})
    page.on("websocket", heard)
    page.goto(f"{url}/Data")
    settle(page)
    page.get_by_role("combobox", name="Photos").click()
    page.get_by_role("option", name="datasets/b_map", exact=True).click()
    page.wait_for_function(_SHOWN, arg="")
    settle(page)
    before = received[0]
    drawn = f"() => ({_FIND})('.photo-map[data-drawn]')"
    _told("map: first paint", [_seconds(lambda: (_open_map(page), page.wait_for_function(drawn)))])
    settle(page)
    print(f"map: {(received[0] - before) / 1e6:.2f} MB received", flush=True)
    place = page.get_by_role("application", name="Map of photos").bounding_box()
    assert place
    _told("map: a lasso", [_lasso(page, place, 0.3 + 0.05 * turn) for turn in range(_TURNS)])
    before = received[0]
    _told("map: a picture", [_point(page, turn) for turn in range(_TURNS)])
    print(f"map: {(received[0] - before) / 1e3 / _TURNS:.0f} kB received for each picture", flush=True)
    show = page.get_by_role("button", name="Show these in the grid")
    _told("map: into the grid", [_seconds(lambda: (show.click(), page.wait_for_function(_SHOWN, arg="")))])


def _open_map(page: Page) -> None:
    page.get_by_role("radio", name="Map", exact=True).click()


def _lasso(page: Page, place: dict[str, float], share: float) -> float:
    """From letting go until the number of selected photos is there."""
    before = page.locator(".said").inner_text()
    across, down = place["x"] + place["width"] * share, place["y"] + place["height"] * share
    page.mouse.move(place["x"] + 3, place["y"] + 3)
    page.mouse.down()
    for x, y in ((across, place["y"] + 3), (across, down), (place["x"] + 3, down)):
        page.mouse.move(x, y, steps=20)
    changed = f"(before) => ({_FIND})('.said').textContent !== before"
    return _seconds(lambda: (page.mouse.up(), page.wait_for_function(changed, arg=before)))


def _point(page: Page, turn: int) -> float:
    """From the arrow's key until the picture is there."""
    page.get_by_role("application", name="Map of photos").focus()
    file = page.locator(".tip p").last.inner_text() if turn else ""
    shown = f"(file) => {{ const tip = ({_FIND})('.tip'); return !tip.hidden && tip.lastChild.textContent !== file; }}"
    key = "ArrowRight" if turn % 2 else "ArrowDown"
    return _seconds(lambda: (page.keyboard.press(key), page.wait_for_function(shown, arg=file)))


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _told(what: str, taken: list[float]) -> None:
    longest = f", {max(taken):.2f} at most" if len(taken) > 1 else ""
    print(f"{what}: {median(taken):.2f} s{longest}", flush=True)


if __name__ == "__main__":
    main()
