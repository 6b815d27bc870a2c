"""The grid of a dataset's photos in a real browser: filtered, selected by keyboard and by click, relabelled, binned,
and each step taken back, with the files on disk compared."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.data.collect import sources
from tests.browser.harness import Server, new_page, serve, settle
from tests.fixtures.support import wait_for

# It would be a picture if it were read as HTML.
_ODD = "mask/<img src=x onerror=alert(1)>.jpg"


@pytest.fixture(scope="module")
def server(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("grid") / "home"
    shutil.copytree(faces, home / "datasets" / "drawn")
    photo = next((home / "datasets" / "drawn" / "mask").glob("*.jpg"))
    photo.rename(home / "datasets" / "drawn" / _ODD)
    started = serve(home)
    yield started
    started.kill()


@pytest.fixture
def folder(server: Server) -> Path:
    return server.home / "datasets" / "drawn"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.jpg")}


def decided(folder: Path) -> dict[str, tuple[str, str]]:
    path = folder / "decisions.csv"
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {row["file"]: (row["decision"], row["label"]) for row in csv.DictReader(file)}


def names(photos: Locator) -> list[str]:
    return photos.evaluate_all("tiles => tiles.map(tile => tile.dataset.file)")


def choose(page: Page, title: str, option: str) -> None:
    page.get_by_role("combobox", name=title, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def opened(page: Page, server: Server) -> tuple[Locator, Locator]:
    """The grid and its photos, by file name."""
    page.goto(f"{server.url}/Data")
    grid = page.get_by_role("listbox", name="Photos")
    expect(grid).to_be_visible()
    photos = grid.locator("[role=option]")
    choose(page, "Sort", "by file name")
    expect(photos.first).to_have_attribute("data-file", _ODD)
    return grid, photos


def undo(page: Page, words: str) -> None:
    page.get_by_role("button", name=f"Undo: {words}").click()


def test_photos_are_filtered_selected_relabelled_and_binned_and_all_is_taken_back(page: Page, server: Server, folder):
    before = contents(folder)
    grid, photos = opened(page, server)
    expect(photos).to_have_count(60)
    choose(page, "Label", "● mask")
    expect(photos).to_have_count(20)
    assert page.locator("img[src=x]").count() == 0 and names(photos)[0] == _ODD

    # Two by keyboard, one by click.
    grid.focus()
    for key in ("ArrowRight", "Space", "Shift+ArrowRight"):
        page.keyboard.press(key)
    photos.nth(5).click()
    selected = grid.locator("[aria-selected=true]")
    expect(selected).to_have_count(3)
    wanted = [names(photos)[place] for place in (1, 2, 5)]
    assert names(selected) == wanted
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Undo: 3 photos labelled no_mask")).to_be_visible()
    expect(photos).to_have_count(17)
    assert decided(folder) == dict.fromkeys(wanted, ("relabel", "no_mask")) and contents(folder) == before
    expect(page.get_by_test_id("stMetric").filter(has_text="no_mask")).to_contain_text("23")
    undo(page, "3 photos labelled no_mask")
    expect(photos).to_have_count(20)
    assert decided(folder) == {}

    photos.nth(3).click()
    photos.nth(6).click(modifiers=["Shift"])
    thrown = names(selected)
    assert thrown == names(photos)[3:7]
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Empty the bin (4)")).to_be_visible()
    expect(photos).to_have_count(16)
    binned = {f".bin/{file}" if file in thrown else file: photo for file, photo in before.items()}
    assert contents(folder) == binned
    undo(page, "4 photos put into the bin")
    expect(photos).to_have_count(20)
    assert contents(folder) == before


def test_one_key_labels_a_photo_and_goes_on(page: Page, server: Server, folder: Path):
    grid, photos = opened(page, server)
    first = names(photos)[:3]
    grid.focus()
    # Faster than the server: each of them counts.
    for key in "123":
        page.keyboard.press(key)
    right, second, third = ("keep", ""), ("relabel", "no_mask"), ("relabel", "wrong_mask")
    wait_for(lambda: decided(folder) == dict(zip(first, (right, second, third), strict=True)))
    for label in ("wrong_mask", "no_mask", "mask"):
        undo(page, f"1 photo labelled {label}")
    wait_for(lambda: decided(folder) == {})


def test_the_source_of_several_is_set_and_taken_back(page: Page, server: Server, folder: Path):
    _, photos = opened(page, server)
    first, second = names(photos)[:2]
    sources.note(folder, {first: "phone"})
    photos.nth(0).click()
    photos.nth(1).click()
    given = page.get_by_role("button", name="Set this source")
    expect(given).to_be_disabled()
    page.get_by_placeholder("Source").fill("  Hall  camera ")
    given.click()
    expect(page.get_by_role("button", name="Undo: source of 2 photos set to Hall camera")).to_be_visible()
    assert sources.read(folder) == dict.fromkeys((first, second), "Hall camera")
    undo(page, "source of 2 photos set to Hall camera")
    wait_for(lambda: sources.read(folder) == {first: "phone"})
    (folder / sources.FILE).unlink()


def test_a_photo_moves_to_a_person_and_the_bin_asks_before_it_is_emptied(page: Page, server: Server, folder: Path):
    before = contents(folder)
    _, photos = opened(page, server)
    photos.nth(2).click()
    [moved] = names(photos.nth(2))
    page.get_by_placeholder("Person").fill("Anna B")
    page.get_by_role("button", name="Move to this person").click()
    now = f"mask/Anna_B/{Path(moved).name}"
    expect(page.get_by_role("button", name="Undo: 1 photo moved to Anna B")).to_be_visible()
    assert contents(folder) == {now if file == moved else file: photo for file, photo in before.items()}
    undo(page, "1 photo moved to Anna B")
    wait_for(lambda: contents(folder) == before)
    # The disk is ahead of what the page shows.
    expect(photos.nth(2)).to_have_attribute("data-file", moved)

    # Deleted by hand meanwhile.
    gone = names(photos)[4]
    (folder / gone).unlink()
    photos.nth(3).click()
    photos.nth(4).click()
    page.get_by_role("button", name="Put into the bin").click()
    expect(page.get_by_text("can't be moved: it is no longer there.")).to_be_visible()
    page.get_by_role("button", name="Empty the bin (1)").click()
    page.get_by_role("button", name="Delete 1 photo").click()
    expect(page.get_by_role("button", name="Empty the bin")).to_have_count(0)
    assert len(contents(folder)) == len(before) - 2
    assert page.get_by_role("button", name="Undo").count() == 0


def test_two_people_at_the_same_photo_lose_nothing_of_each_other_s(page: Page, browser: Browser, server, folder: Path):
    other = new_page(browser, viewport={"width": 1366, "height": 800})
    grid, photos = opened(page, server)
    others_grid, _ = opened(other, server)
    first, second = names(photos)[:2]
    grid.focus()
    page.keyboard.press("2")
    wait_for(lambda: decided(folder) == {first: ("relabel", "no_mask")})
    # Whose page still shows it as it was.
    others_grid.focus()
    for key in "33":
        other.keyboard.press(key)
    wait_for(lambda: decided(folder) == dict.fromkeys((first, second), ("relabel", "wrong_mask")))
    undo(page, "1 photo labelled no_mask")
    expect(page.get_by_text("1 photo not taken back: decided anew, moved or deleted since.")).to_be_visible()
    assert decided(folder) == dict.fromkeys((first, second), ("relabel", "wrong_mask"))
    (folder / second).unlink()
    other.keyboard.press("ArrowLeft")
    other.keyboard.press("1")
    expect(other.get_by_text("no longer there")).to_be_visible()
    other.context.close()
