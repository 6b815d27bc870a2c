"""Does the webcam start each time it is asked to? START is pressed once a page, a hundred pages one after another.

    MASKLAB_HOME=<an empty folder> python -m benchmarks.live_starts [--starts 100] [--training]

A start has worked when a labelled face is shown within 10 s of the press, once the network is loaded. Each page is a
new visitor in one Chromium, who closes it afterwards; the server has its default number of places. With --training a
network is trained on drawn faces beside it all the time. Exit status 1 where a start failed: what the page showed is
then printed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as Late

from core.data.synthetic.demo import make_clip, make_dataset
from core.schema import train_config as configs
from core.store import paths
from core.training.lifecycle import launch
from tests.browser.harness import PLAYER, chromium, new_page, serve, settle

_SECONDS = 10.0


def main() -> None:
    """Print how many starts worked and how long they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--training", action="store_true", help="train beside it")
    args = parser.parse_args()
    folder = paths.home() / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    clip = make_clip(folder / "camera.mjpeg", (("no_mask", 9.0), ("mask", 6.0)), seed=3)
    server = serve(paths.home(), OMP_NUM_THREADS="2")
    try:
        with training(args.training), chromium(clip) as browser:
            took = [_start(browser, server.url, number) for number in range(1, args.starts + 1)]
    finally:
        server.kill()
    worked = [seconds for seconds in took if seconds is not None]
    beside = "beside a training" if args.training else "alone"
    print(f"\n{beside}: {len(worked)} of {len(took)} starts showed a labelled face within {_SECONDS:.0f} s of START")
    if worked:
        low, high = np.percentile(worked, (50, 95))
        print(f"seconds from START to the label: median {low:.1f}, 95 % {high:.1f}, most {max(worked):.1f}")
    sys.exit(len(worked) < len(took))


@contextmanager
def training(wanted: bool) -> Iterator[None]:
    """A training on drawn faces that outlasts the block, stopped at its end."""
    if not wanted:
        yield
        return
    faces = paths.home() / "benchmark" / "faces"
    if not faces.exists():
        make_dataset(faces, per_class=60, people=30, seed=0)
    run = launch.start(configs.make({
        "dataset": str(faces), "backbone": "MobileNet", "mode": "retrain", "weights": "starter.pth", "image_size": 128,
        "epochs": 500,
    }))  # fmt: skip
    while run.state.active and not run.metrics():
        time.sleep(0.5)
    try:
        yield
        if not run.state.active:
            sys.exit(f"The training beside it ended early: {run.job.log_tail()}")
    finally:
        if run.state.active:
            launch.stop(run)


def _start(browser: Browser, url: str, number: int) -> float | None:
    """Seconds from START to a labelled face; None where none came in time."""
    page = new_page(browser, viewport={"width": 1200, "height": 1000})
    try:
        page.goto(f"{url}/Live")
        button = page.frame_locator(PLAYER).get_by_role("button", name="START")
        button.wait_for()
        # On the first page the network is loaded behind the player; a start is about the video.
        page.get_by_text("Labels:").wait_for()
        settle(page)
        pressed = time.monotonic()
        button.click()
        try:
            page.wait_for_selector(".reading[data-label]", timeout=1000 * _SECONDS)
        except Late:
            print(f"start {number} failed:", _shown(page), flush=True)
            return None
        seconds = time.monotonic() - pressed
        print(f"start {number}: {seconds:.1f} s", flush=True)
        return seconds
    finally:
        page.context.close()


def _shown(page: Page) -> str:
    """What the page and the player in it show, on one line."""
    player = page.frame_locator(PLAYER).locator("body")
    inside = player.inner_text() if page.locator(PLAYER).count() else "no player"
    return " | ".join(f"{page.get_by_test_id('stMain').inner_text()}\n[player] {inside}".split("\n"))


if __name__ == "__main__":
    main()
