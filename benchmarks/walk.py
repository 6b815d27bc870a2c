"""A new user's walk through the app in a browser: clicks, seconds and words on the screen for each step.

    python -m benchmarks.walk [TURNS]

From an empty home to the webcam with the first network that was trained in it: the drawn demo faces, a training, and
Live, where a fake camera shows a drawn face. Seconds are those of the app alone, from the first click of a step until
its result is there; words are those that lie on the screen (1366 x 800) then. Of several turns, the medians.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Locator, Page, expect

from core.data.synthetic.demo import make_clip
from tests.browser.harness import PLAYER, chromium, new_page, serve, settle

_SCREEN = {"width": 1366, "height": 800}
_WORDS = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    let words = 0;
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const within = text.parentElement;
        if (within.closest('[data-testid=stIconMaterial], style, script, svg:not(.main-svg)')) continue;
        if (!within.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        if (box.width && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight)
            words += (text.textContent.match(/\\S+/g) || []).length;
    }
    return words;
}"""


class Walker:
    """A user with a page, who counts what is clicked."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.clicks = page, url, 0

    def click(self, place: Locator) -> None:
        """Click there once it can be clicked."""
        place.click()
        self.clicks += 1

    def plays(self) -> None:
        """Wait until the camera's picture has come back with a label."""
        expect(self.page.locator(".reading[data-label]").first).to_be_visible()
        frame = self.page.locator(PLAYER).element_handle().content_frame()
        frame.wait_for_function("() => [...document.querySelectorAll('video')].some(video => video.currentTime > 0)")


@dataclass(frozen=True)
class Step:
    """What the user wants, and what is done for it until it is there."""

    name: str
    do: Callable[[Walker], None]


@dataclass(frozen=True)
class Taken:
    """What a step took, or all of them: clicks, seconds, and words on the screen at the end."""

    clicks: float
    seconds: float
    words: float


def home(walker: Walker) -> None:
    """Open the front page."""
    walker.page.goto(walker.url)
    expect(walker.page.get_by_role("button", name="drawn").first).to_be_enabled()
    settle(walker.page)


def train(walker: Walker) -> None:
    """Draw the faces and start on them; the run's page is there."""
    walker.click(walker.page.get_by_role("button", name="drawn").first)
    walker.page.wait_for_url("**/Runs?run=*")
    expect(walker.page.get_by_role("button", name="Stop")).to_be_visible()


def trained(walker: Walker) -> None:
    """Wait for the network."""
    expect(walker.page.get_by_role("link", name="Try live").first).to_be_visible(timeout=900_000)
    settle(walker.page)


def go_live(walker: Walker) -> None:
    """Open Live with that network, and start the camera."""
    walker.click(walker.page.get_by_role("link", name="Try live").first)
    walker.click(walker.page.frame_locator(PLAYER).get_by_role("button", name="START"))
    walker.plays()


STEPS = (
    Step("Home opens", home),
    Step("Drawn faces, and Train", train),
    Step("The network is trained", trained),
    Step("Live with it", go_live),
)


def walk(steps: Sequence[Step]) -> list[Taken]:
    """Walk once, from an empty home and with a server of its own."""
    with _a_new_user() as walker:
        return [_take(step, walker) for step in steps]


def table(turns: Sequence[Sequence[Taken]], steps: Sequence[Step]) -> str:
    """The median of each step, and their sum, as Markdown."""
    rows = [
        (step.name, *(median(getattr(turn[place], name) for turn in turns) for name in ("clicks", "seconds", "words")))
        for place, step in enumerate(steps)
    ]
    rows.append(("**all**", *(sum(row[column] for row in rows) for column in (1, 2, 3))))
    head = "| step | clicks | seconds | words on the screen |\n|---|---|---|---|\n"
    return head + "\n".join(f"| {name} | {clicks:.0f} | {s:.1f} | {words:.0f} |" for name, clicks, s, words in rows)


@contextmanager
def _a_new_user() -> Iterator[Walker]:
    with tempfile.TemporaryDirectory(prefix="masklab-walk-") as folder:
        own = Path(folder) / "home"
        (own / "datasets").mkdir(parents=True)
        clip = make_clip(Path(folder) / "camera.mjpeg", script=(("no_mask", 4.0), ("mask", 4.0)))
        weights = {"TORCH_HOME": os.environ["TORCH_HOME"]} if "TORCH_HOME" in os.environ else {}
        server = serve(own, measured=False, OMP_NUM_THREADS="2", **weights)
        try:
            with chromium(clip) as browser:
                yield Walker(new_page(browser, viewport=_SCREEN), server.url)
        finally:
            server.kill()


def _take(step: Step, walker: Walker) -> Taken:
    clicks, began = walker.clicks, time.perf_counter()
    step.do(walker)
    took = time.perf_counter() - began
    return Taken(walker.clicks - clicks, took, walker.page.evaluate(_WORDS))


def main(steps: Sequence[Step] = STEPS) -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    print(table([walk(steps) for _ in range(count)], steps))


if __name__ == "__main__":
    main()
