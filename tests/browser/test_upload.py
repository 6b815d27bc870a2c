"""Photos uploaded on the Data page in a real browser, as a ZIP and as a folder: the words of the result, the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.data.collect import sources
from core.data.synthetic.demo import make_dataset
from tests.browser.harness import Server, cut_tables, serve, settle
from tests.fixtures.import_support import packed
from tests.fixtures.support import picture

ROOM = "datasets/room"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("upload") / "home"
    for label in ("mask", "no_mask"):
        (home / ROOM / label).mkdir(parents=True)
    started = serve(home)
    yield started
    started.kill()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 6 drawn photos per label."""
    return make_dataset(tmp_path_factory.mktemp("set") / "faces", 6, 3, 0, ("mask", "no_mask"))


def opened(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/Data")
    settle(page)
    page.get_by_role("radio", name="Add photos").click()
    page.get_by_role("radio", name="Upload").click()
    settle(page)


def test_a_zip_is_imported_and_its_photos_are_shown(page: Page, server: Server, photos: Path):
    files = {f"set/with_mask/anna/{path.name}": path.read_bytes() for path in (photos / "mask").iterdir()}
    files |= {f"set/no_mask/{path.name}": path.read_bytes() for path in (photos / "no_mask").iterdir()}
    data = packed(files | {"__MACOSX/._1.jpg": b"", "../mask/out.jpg": b"x", "set/mask/broken.jpg": b"x"})
    opened(page, server)
    # Playwright sends it as a browser does that was given the file.
    page.locator("input[type=file]").set_input_files({"name": "set.zip", "mimeType": "application/zip", "buffer": data})
    page.get_by_role("textbox", name="Where from").fill("camera A")
    page.get_by_role("button", name="Import").click()
    done = page.get_by_text("12 photos added (mask 6, no_mask 6), 2 refused, 1 hidden or system files skipped.")
    expect(done).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]:visible")).to_have_count(1)
    assert cut_tables(page) == []
    root = server.home / ROOM
    here = {path.relative_to(root).as_posix() for path in root.rglob("*.jpg")}
    assert here == {name.removeprefix("set/").replace("with_mask", "mask") for name in files}
    assert set(sources.read(root)) == here
    # What is imported need not be taken away by hand.
    expect(page.get_by_role("button", name="Import")).to_be_disabled()
    page.get_by_role("button", name="Look at the photos").click()
    expect(page.get_by_test_id("stMetric").first).to_contain_text("6")


def test_a_folder_is_imported_as_it_lies_on_the_disk(page: Page, server: Server, photos: Path):
    opened(page, server)
    page.get_by_role("radio", name="A folder").click()
    page.locator("input[webkitdirectory]").set_input_files(photos)
    page.get_by_role("textbox", name="Person").fill("ben")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("12 photos added (mask 6, no_mask 6)")).to_be_visible()
    found = {path.read_bytes() for path in (server.home / ROOM).glob("*/ben/*.jpg")}
    assert found == {path.read_bytes() for path in photos.rglob("*.jpg")}


def test_what_was_imported_before_stop_stays_and_is_said(page: Page, server: Server, tmp_path: Path):
    picture(width=40, height=40).save(tmp_path / "1.jpg")
    photo = (tmp_path / "1.jpg").read_bytes()
    (tmp_path / "many.zip").write_bytes(packed({f"mask/carla/{number}.jpg": photo for number in range(4000)}))
    opened(page, server)
    page.locator("input[type=file]").set_input_files(tmp_path / "many.zip")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text(re.compile("Photo [1-9]"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    said = page.get_by_text("Until then:")
    expect(said).to_contain_text("photo")
    expect(page.get_by_text("Stopped. Import again to go on")).to_be_visible()
    there = len(list((server.home / ROOM / "mask" / "carla").glob("*.jpg")))
    assert 0 < there < 4000
    assert f"{there:,} photo" in said.inner_text()
    # It can be gone on with at once.
    expect(page.get_by_role("button", name="Import")).to_be_enabled()
