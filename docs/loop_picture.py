"""Draw the README's picture of the whole loop: `python -m docs.loop_picture`.

In Chromium with drawn people at its camera: a new dataset, photos, a network, what it has wrong on Live kept and
labelled, trained again, and both compared.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from PIL import Image

from core.schema.labels import Label
from tests.browser.harness import chromium, new_page, serve
from tests.browser.loop_steps import Camera, Loop
from tests.fixtures.home_fixtures import home_of

_PEOPLE, _PHOTOS = ("Anna", "Ben", "Cleo"), 4
_WINDOW, _SHOWN = {"width": 1120, "height": 760}, (700, 475)
_MILLISECONDS, _QUALITY = 1100, 60


def main() -> None:
    """Write docs/images/loop.webp, and say how large it is."""
    target = Path(__file__).parent / "images" / "loop.webp"
    shown: list[Image.Image] = []
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        (home / "datasets").mkdir(parents=True)
        os.environ.update(home_of(home))
        camera = Camera(Path(scratch) / "camera.mjpeg")
        server = serve(home)
        try:
            with chromium(camera.clip) as browser:
                page = new_page(browser, viewport=_WINDOW)
                _walk(Loop(page, server.url, camera, lambda: shown.append(_picture(page.screenshot()))))
        finally:
            server.kill()
    first, *rest = shown
    first.save(
        target, save_all=True, append_images=rest, duration=_MILLISECONDS, loop=0, quality=_QUALITY, method=6
    )
    print(f"{target}: {len(shown)} pictures, {target.stat().st_size / 1000:.0f} kB")


def _walk(loop: Loop) -> None:
    loop.new_dataset("class")
    loop.take_all(_PEOPLE, _PHOTOS)
    run = loop.train("Quick")
    loop.live(Label.NO_MASK, seed=7)
    loop.say_what_is_right(Label.NO_MASK)
    loop.label_what_waits()
    loop.train_again(run)
    loop.compare()


def _picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB").resize(_SHOWN, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
