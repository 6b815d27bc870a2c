"""Photos taken onto a disk that is full, or read-only: that is said, nothing that was saved is lost, and the rest
is sent again once there is room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.data.collect import new_dataset, sources
from core.data.images.decode import decode
from core.data.synthetic.demo import make_clip
from core.schema.labels import TWO_CLASSES
from tests.browser.harness import PATIENCE, chromium, new_page, rest, serve
from tests.browser.steps import all_answered, hold, saved, start_camera
from tests.fixtures.small_disk import leave_free, read_only, small_disk
from tests.fixtures.support import wait_for


def _fill(disk: Path) -> Callable[[], None]:
    return leave_free(disk, 4096).unlink


def _forbid(disk: Path) -> Callable[[], None]:
    read_only(disk, True)
    return lambda: read_only(disk, False)


def test_what_can_t_be_written_is_said_and_sent_again(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clip = make_clip(tmp_path / "one.mjpeg", [("no_mask", 1.0)])
    with small_disk(tmp_path / "disk", 16) as disk, chromium(clip) as browser:
        monkeypatch.setenv("MASKLAB_DATA", str(disk))
        folder = new_dataset.make("class", TWO_CLASSES)
        server = serve(own_home, MASKLAB_DATA=str(disk))
        try:
            page = new_page(browser, viewport={"width": 390, "height": 844})
            page.goto(f"{server.url}/Data")
            rest(page)
            shutter = start_camera(page)
            hold(page, shutter, 2)
            trouble = page.locator(".trouble")
            for spoil, words in ((_fill, "free some space"), (_forbid, "make the folder writable")):
                before = saved(page)
                mend = spoil(disk)
                shutter.hover()
                page.mouse.down()
                expect(trouble).to_contain_text(words)
                page.mouse.up()
                assert saved(page) == before == len(list(folder.rglob("*.jpg"))), "nothing is half there, or gone"
                mend()
                page.get_by_role("button", name="Send again").click()
                all_answered(page)
                wait_for(lambda before=before: saved(page) > before, PATIENCE)
            files = list(folder.rglob("*.jpg"))
            assert len(files) == saved(page) == len(sources.read(folder))
            for file in files:
                decode(file)
            assert list(folder.rglob(".*.tmp")) == [], "no draft is left"
        finally:
            server.kill()
