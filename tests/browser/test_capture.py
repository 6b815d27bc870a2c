"""Photos taken with the browser's camera: they arrive on the disk, are counted when they are there, are taken back, and
none that was shown as saved is lost when the server is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.data.collect import new_dataset, sources
from core.data.images.decode import decode
from core.data.synthetic.demo import make_clip
from core.schema.labels import THREE_CLASSES
from tests.browser.harness import ELSEWHERE, PATIENCE, Server, chromium, new_page, rest, serve
from tests.browser.steps import all_answered, hold, saved, start_camera
from tests.fixtures.certificate import self_signed
from tests.fixtures.support import wait_for

# Ten take minutes: `MASKLAB_AT_ONCE=10 python -m pytest tests/browser/test_capture.py -k at_once`.
_AT_ONCE = int(os.environ.get("MASKLAB_AT_ONCE", "3"))
_LAPTOP, _PHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Its camera shows one drawn person."""
    clip = make_clip(tmp_path_factory.mktemp("clip") / "one.mjpeg", [("no_mask", 1.0)])
    with chromium(clip) as started:
        yield started


@pytest.fixture
def server(own_home: Path) -> Iterator[Server]:
    started = serve(own_home, MASKLAB_DATA=str(own_home.parent / "datasets"))
    yield started
    started.kill()


@pytest.fixture
def server_for_phones(own_home: Path, tmp_path: Path) -> Iterator[Server]:
    """As docs/phones.md says: under another name, with a certificate that the browser does not know."""
    certificate, key = self_signed(tmp_path, ELSEWHERE)
    started = serve(
        own_home, MASKLAB_DATA=str(own_home.parent / "datasets"), STREAMLIT_SERVER_ALLOWED_HOSTS=ELSEWHERE,
        STREAMLIT_SERVER_SSL_CERT_FILE=str(certificate), STREAMLIT_SERVER_SSL_KEY_FILE=str(key),
    )  # fmt: skip
    yield started
    started.kill()


@pytest.fixture
def folder(own_home: Path) -> Path:
    return new_dataset.make("class", THREE_CLASSES)


def _open(browser: Browser, url: str, viewport: dict[str, int] = _LAPTOP) -> Page:
    page = new_page(browser, viewport=viewport, ignore_https_errors=True)
    page.goto(f"{url}/Data")
    rest(page)
    return page


def _photos(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jpg"))


def test_photos_come_in_and_are_taken_back(browser, folder, server):
    _capture(_open(browser, server.url), folder)


def test_a_phone_takes_photos_over_https(browser, folder, server_for_phones):
    page = _open(browser, server_for_phones.url.replace("localhost", ELSEWHERE), _PHONE)
    assert page.evaluate("location.protocol === 'https:' && isSecureContext")
    _capture(page, folder)


def _capture(page: Page, folder: Path) -> None:
    """Take photos by button, by key and hands-free, and take back some."""
    page.get_by_role("radio", name="no_mask").click()
    page.get_by_role("combobox", name="Person").fill("Anna B")
    page.get_by_role("combobox", name="Person").press("Enter")
    shutter = start_camera(page)
    expect(page.locator(".now")).to_have_text("no_mask · Anna_B")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"

    hold(page, shutter, 3)
    count = saved(page)
    files = _photos(folder)
    assert len(files) == count and {file.parent for file in files} == {folder / "no_mask" / "Anna_B"}
    assert set(sources.read(folder).values()) == {"webcam"}
    expect(page.locator(".strip img")).to_have_count(count)
    expect(page.locator(".whose")).to_have_text(f"no_mask · Anna_B: {count} in the dataset")

    page.get_by_role("button", name="Take back the last", exact=True).click()
    expect(page.locator(".strip img")).to_have_count(count - 1)
    wait_for(lambda: _photos(folder) == files[:-1], PATIENCE)
    page.get_by_role("button", name="Take back the last burst").click()
    expect(page.locator(".tally")).to_contain_text("0 saved")
    wait_for(lambda: _photos(folder) == [], PATIENCE)
    expect(page.get_by_role("button", name="Take back the last", exact=True)).to_be_disabled()

    # The key does as the button does, also when what was clicked last has the focus.
    page.keyboard.down("Space")
    wait_for(lambda: saved(page) >= 2, PATIENCE)
    page.keyboard.up("Space")
    all_answered(page)
    before = saved(page)
    page.get_by_role("button", name="Hands-free").click()
    expect(page.locator(".countdown")).to_have_text("3")
    wait_for(lambda: saved(page) == before + 8, PATIENCE)
    page.context.close()


def test_several_browsers_at_once_lose_and_overwrite_nothing(browser, folder, server):
    pages = [_open(browser, server.url) for _ in range(_AT_ONCE)]
    shutters = []
    for number, page in enumerate(pages):
        # Half of them take the same person.
        person = page.get_by_role("combobox", name="Person")
        person.fill(f"Person {number // 2}")
        person.press("Enter")
        shutters.append(start_camera(page))
    for page, shutter in zip(pages, shutters, strict=True):
        shutter.hover()
        page.mouse.down()
    for page in pages:
        wait_for(lambda page=page: saved(page) >= 3, PATIENCE)
        page.mouse.up()
    for page in pages:
        all_answered(page)
    files = _photos(folder)
    assert len(files) == sum(map(saved, pages))
    assert {file.parent.name for file in files} == {f"Person_{number // 2}" for number in range(_AT_ONCE)}
    assert set(sources.read(folder)) == {file.relative_to(folder).as_posix() for file in files}
    for file in files:
        decode(file)
    for page in pages:
        page.context.close()


def test_a_killed_server_loses_no_photo_that_was_shown_assaved(browser, folder, server):
    page = _open(browser, server.url)
    shutter = start_camera(page)
    shutter.hover()
    page.mouse.down()
    wait_for(lambda: saved(page) >= 3, PATIENCE)
    server.kill()
    shown, there = saved(page), _photos(folder)
    assert shown <= len(there), "what is shown as saved is on the disk"
    expect(page.locator(".tally")).to_contain_text("on the way")
    page.mouse.up()
    pending = page.locator(".strip img").count() - shown

    again = serve(server.home, int(server.url.rsplit(":", 1)[1]), MASKLAB_DATA=str(folder.parent))
    try:
        all_answered(page)
        expect(page.locator(".tally")).to_contain_text(f"{shown + pending} saved")
        assert len(_photos(folder)) == shown + pending, "the rest came once"
        assert set(there) <= set(_photos(folder))
    finally:
        again.kill()
    page.context.close()
