"""Live through a real browser: rate, glass-to-glass latency, four viewers, and memory as viewers come and go.

    MASKLAB_HOME=<an empty folder> python -m benchmarks.live_browser [--seconds 20] [--minutes 10]

The fake camera shows a drawn face under a strip of black and white blocks that count frames. The page's own camera
picture and the picture that comes back are read in the browser, frame by frame: the time between the same count in the
one and in the other is glass to glass, less what a real camera and screen add. Browser and server share this machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Browser, Frame, Page

from core.data.synthetic.demo import draw_scene
from core.store import paths
from tests.browser.harness import chromium, serve

_BITS, _BLOCK, _FRAMES = 10, 32, 600
_PLAYER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
_KEEP_CAMERA = """
const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async (what) => (window.camera = await ask(what));
"""
_PLAYS = "() => [...document.querySelectorAll('video')].some(video => video.videoWidth)"
# Reads the count in the strip of every new frame of a video element: [count, milliseconds] a frame.
_WATCH = """
([bits, block, mirrored]) => {
  const watch = (video, flip) => {
    const seen = [], canvas = new OffscreenCanvas(640, block);
    const pen = canvas.getContext('2d', {willReadFrequently: true});
    const look = (now) => {
      pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight * block / 480, 0, 0, 640, block);
      const row = pen.getImageData(0, block / 2, 640, 1).data;
      let count = 0;
      for (let bit = 0; bit < bits; bit++) {
        const x = block * bit + block / 2;
        count = 2 * count + (row[4 * (flip ? 639 - x : x)] > 127);
      }
      seen.push([count, now]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    return seen;
  };
  const back = [...document.querySelectorAll('video')].find(video => video.videoWidth);
  const own = document.createElement('video');
  own.srcObject = window.camera; own.muted = true; own.play();
  window.seen = {own: watch(own, false), back: watch(back, mirrored)};
}
"""


def main() -> None:
    """Print one viewer, four viewers, and memory."""
    args = _arguments()
    clip = _clip(paths.home() / "benchmark" / "counted.mjpeg")
    # Those who closed their page keep their place for ten seconds more.
    server = serve(paths.home(), MASKLAB_VIEWERS="12", OMP_NUM_THREADS="2")
    try:
        with chromium(clip) as browser:
            for viewers in (1, 4):
                _report(viewers, [_open(browser, server.url) for _ in range(viewers)], args.seconds)
            _memory(browser, server.url, server.process.pid, args.minutes)
    finally:
        server.kill()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    return parser.parse_args()


def _clip(path: Path) -> Path:
    """Numbered frames; Chromium plays them at 30 per second and gives the page every second one."""
    scene = np.asarray(draw_scene(["no_mask"], np.random.default_rng(1))[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for number in range(_FRAMES):
            picture = np.roll(scene, number % 40 - 20, axis=1)
            picture[: _BLOCK + 8] = 128
            for bit in range(_BITS):
                white = number >> (_BITS - 1 - bit) & 1
                picture[:_BLOCK, bit * _BLOCK : (bit + 1) * _BLOCK] = 255 * white
            jpeg = BytesIO()
            Image.fromarray(picture).save(jpeg, "JPEG", quality=85)
            file.write(jpeg.getvalue())
    return path


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1200, "height": 1000}).new_page()
    page.add_init_script(_KEEP_CAMERA)
    # The first page imports everything and measures the network's runtimes.
    page.goto(f"{url}/Live", timeout=120_000)
    button = page.frame_locator(_PLAYER).get_by_role("button", name="START")
    button.click(timeout=120_000)
    page.wait_for_selector(".reading", timeout=60_000)
    _frame(page).wait_for_function(_PLAYS, timeout=60_000)
    return page


def _report(viewers: int, pages: list[Page], seconds: float) -> None:
    frames = [_frame(page) for page in pages]
    for frame in frames:
        frame.evaluate(_WATCH, [_BITS, _BLOCK, True])
    pages[0].wait_for_timeout(1000 * seconds)
    load = psutil.getloadavg()[0] / psutil.cpu_count()
    print(f"\n{viewers} viewer(s), {seconds:.0f} s, {load:.1f} processes waiting or at work per processor")
    print("| viewer | labelled/s | shown/s | glass to glass, ms: median, 95 % |")
    print("|---|---|---|---|")
    for number, (page, frame) in enumerate(zip(pages, frames, strict=True), start=1):
        seen = frame.evaluate("window.seen")
        delays, shown = _delays(seen["own"], seen["back"]), _changes(seen["back"]) / seconds
        metric = page.get_by_test_id("stMetric").filter(has_text="Frames/s")
        # While no frame was labelled for three seconds the page shows none.
        rate = metric.inner_text().split()[-1] if metric.count() else "0 (frozen)"
        late = f"{statistics.median(delays):.0f}, {np.percentile(delays, 95):.0f}" if delays else "none matched"
        print(f"| {number} | {rate} | {shown:.1f} | {late} |", flush=True)
    for page in pages:
        page.context.close()


def _frame(page: Page) -> Frame:
    return page.query_selector(_PLAYER).content_frame()


def _delays(own: list[list[float]], back: list[list[float]]) -> list[float]:
    """Milliseconds from a count's first sight in the camera's picture to its next first sight in the other."""
    found, first = [], {}
    for count, at in own:
        first.setdefault(count, []).append(at)
    last = None
    for count, at in back:
        if count != last and (before := [start for start in first.get(count, []) if 0 <= at - start < 5000]):
            found.append(at - max(before))
        last = count
    return found


def _changes(back: list[list[float]]) -> int:
    return sum(one[0] != other[0] for one, other in pairwise(back))


def _memory(browser: Browser, url: str, pid: int, minutes: float) -> None:
    process, until = psutil.Process(pid), time.monotonic() + 60 * minutes
    print("\n| viewers so far | server's memory, MB |\n|---|---|", flush=True)
    count = 0
    while time.monotonic() < until:
        pages = [_open(browser, url) for _ in range(2)]
        pages[0].wait_for_timeout(5000)
        for page in pages:
            page.context.close()
        count += len(pages)
        print(f"| {count} | {process.memory_info().rss / 2**20:.0f} |", flush=True)


if __name__ == "__main__":
    main()
