"""How long is the wait for a first answer? The first page of a fresh server, `classify` and `evaluate`.

    python -m benchmarks.starts PHOTOS [--before CHECKOUT] [--training] [--turns 3]

PHOTOS has one sub-folder per label. CHECKOUT is another checkout of this project (`git worktree add ../before COMMIT`),
which takes turns with this one: the ratios are of one run. With --training a network is trained on drawn faces beside
all of it. Each page is asked of a server that has just been started and shown nothing yet; the browser has its files.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.live_starts import training
from core.data.synthetic.demo import make_dataset
from core.store import runs
from core.store.paths import PROJECT
from core.training.lifecycle import launch
from tests.browser.harness import PLAYER, chromium, new_page, settle
from tests.fixtures.support import tiny_config, wait_for

_PAGES = ("Home", "Data", "Runs", "Compare", "Live")
_MODEL = Path("models") / "starter.pth"


def main() -> None:
    """Print a table of seconds, here and before."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout of the project")
    parser.add_argument("--training", action="store_true", help="train beside it")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    checkouts = [args.before.resolve(), PROJECT] if args.before else [PROJECT]
    took: dict[tuple[Path, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASKLAB_HOME"] = folder
        _two_runs(Path(folder))
        with training(args.training), chromium() as browser:
            page = new_page(browser)
            for turn in range(-1, args.turns):
                for checkout in checkouts:
                    for what, seconds in _turn(checkout, page, args.photos.resolve(), first=turn < 0):
                        took.setdefault((checkout, what), []).append(seconds)
                        print(f"turn {turn + 1}, {checkout.name}, {what}: {seconds:.1f} s", flush=True)
    _table(took, checkouts)


def _two_runs(home: Path) -> None:
    """What most pages have something to show of."""
    faces = make_dataset(home / "datasets" / "drawn", per_class=20, people=12, seed=0)
    for wrong_mask in (True, False):
        run = launch.start(tiny_config(faces, wrong_mask=wrong_mask, epochs=3))
        wait_for(lambda run=run: not runs.get(run.id).state.active, 600)


def _turn(checkout: Path, page: Page, photos: Path, first: bool) -> Iterator[tuple[str, float]]:
    """(what, seconds) of everything. In the first turn files are read from the disk, the browser fetches its own, and
    what is kept between starts is made: its pages do not count."""
    for name in _PAGES:
        with _server(checkout) as url:
            seconds = _open(page, url, name)
            if not first:
                yield f"{name}: first page of a fresh server", seconds
    photo = next(photo for photo in sorted(photos.glob("*/*")) if photo.is_file())
    times = "first" if first else "again"
    yield f"classify one photo, {times}", command(checkout, "classify", _MODEL, photo)
    count = sum(file.is_file() for file in photos.glob("*/*"))
    yield f"evaluate {count} photos, {times}", command(checkout, "evaluate", _MODEL, photos)


@contextmanager
def _server(checkout: Path) -> Iterator[str]:
    port = _port()
    # Earlier checkouts have none.
    script = next(path for path in (checkout / "app.py", checkout / "Home.py") if path.exists())
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=checkout, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        wait_for(lambda: _answers(f"{url}/_stcore/health"), 120)
        yield url
    finally:
        process.kill()
        process.wait()


def _open(page: Page, url: str, name: str) -> float:
    """Seconds until the page has been drawn; Live's player can be started then."""
    started = time.monotonic()
    page.goto(f"{url}/{'' if name == 'Home' else name}")
    if name == "Live":
        page.frame_locator(PLAYER).get_by_role("button", name="START").wait_for()
    else:
        page.get_by_role("heading", level=1).first.wait_for()
        settle(page)
    return time.monotonic() - started


def command(checkout: Path, *arguments: object) -> float:
    """Seconds that a command of a checkout takes."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "face_mask_detector.py", *map(str, arguments)], cwd=checkout, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - started


def _table(took: dict[tuple[Path, str], list[float]], checkouts: list[Path]) -> None:
    names = ["before", "now"][-len(checkouts) :]
    print("\n| seconds: median (range) | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for what in dict.fromkeys(what for _, what in took):
        print(f"| {what} | " + " | ".join(_words(took[checkout, what]) for checkout in checkouts) + " |")


def _words(seconds: list[float]) -> str:
    return f"{median(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f})"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


@cache
def _port() -> int:
    """One for all servers, so that the browser keeps its files of the first."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
