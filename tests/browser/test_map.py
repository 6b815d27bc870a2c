"""The map of a dataset's photos in a real browser: drawn in the background, pointed at by keyboard and by touch, and a
lasso whose photos the grid then shows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.data.dataset.scan import scan
from core.evaluation.photo_map import kept, worker
from core.schema.train_config import STARTER
from tests.browser.harness import Server, new_page, serve

# Between the map's edge and its outermost points, as map.js has it.
_PAD = 14


@pytest.fixture(scope="module")
def server(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("map") / "home"
    shutil.copytree(faces, home / "datasets" / "drawn")
    started = serve(home)
    yield started
    started.kill()


def opened(page: Page, server: Server) -> Locator:
    """The map, which may not be drawn yet."""
    page.goto(f"{server.url}/Data")
    page.get_by_role("radio", name="Map", exact=True).click()
    return page.get_by_role("application", name="Map of photos")


@pytest.fixture
def folder(server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASKLAB_HOME", str(server.home))
    return server.home / "datasets" / "drawn"


def test_a_map_is_drawn_in_the_background_and_a_photo_of_it_opens_the_grid(page: Page, server: Server):
    place = opened(page, server)
    page.get_by_role("button", name="Draw the map").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(place).to_be_visible()
    expect(page.get_by_role("button", name="Show these in the grid")).to_be_disabled()

    # By keyboard: the photo that the picture's words name is the one that the grid shows.
    place.focus()
    page.keyboard.press("ArrowDown")
    tip = page.locator(".tip")
    expect(tip.locator("img")).to_be_visible()
    file = tip.locator("p").last.inner_text()
    page.keyboard.press("Space")
    expect(page.locator(".said")).to_contain_text("1 selected")
    page.keyboard.press("Enter")
    photos = page.get_by_role("listbox", name="Photos").locator("[role=option]")
    expect(photos).to_have_count(1)
    expect(photos).to_have_attribute("data-file", file)
    expect(page.get_by_text("1 photo of the map")).to_be_visible()
    page.get_by_role("button", name="Show all photos").click()
    expect(photos).to_have_count(60)


def test_a_lasso_and_a_finger_on_a_map_that_is_there(browser: Browser, page: Page, server: Server, folder: Path):
    if not kept.places(folder, STARTER):
        worker.draw(folder, STARTER, lambda what, done, total: None)
    place = opened(page, server)
    expect(place).to_be_visible()
    box = place.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    for across, down in ((0.5, 0.01), (0.5, 0.99), (0.01, 0.99)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5)
    page.mouse.up()
    expect(page.locator(".said")).to_have_text(re.compile(r"^\d+ selected"))
    count = int(page.locator(".said").inner_text().split()[0])
    assert 0 < count < 60
    page.get_by_role("button", name="Show these in the grid").click()
    photos = page.get_by_role("listbox", name="Photos").locator("[role=option]")
    expect(photos).to_have_count(count)
    middle = {photo.file for photo in scan(folder).photos if kept.places(folder, STARTER)[photo.digest][0] < 0.5}
    assert set(photos.evaluate_all("tiles => tiles.map(tile => tile.dataset.file)")) == middle

    # With a finger, on a phone; one photo has come in since.
    photo = scan(folder).photos[0]
    shutil.copy(folder / photo.file, folder / "mask" / "again.jpg")
    with (folder / "mask" / "again.jpg").open("ab") as other:
        other.write(b"another file")
    phone = new_page(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    place = opened(phone, server)
    expect(phone.get_by_text("1 photo is not on the map yet")).to_be_visible()
    expect(place).to_be_visible()
    phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    side = min(box["width"], box["height"]) - 2 - 2 * _PAD
    across, down = (0.5 + (own - 0.5) * side / size for own, size in zip(
        kept.places(folder, STARTER)[photo.digest], (box["width"], box["height"]), strict=True
    ))  # fmt: skip
    phone.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])
    expect(phone.locator(".tip")).to_contain_text(photo.file)
    phone.context.close()
