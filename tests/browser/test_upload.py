"""Photos uploaded on the Data page in a real browser, as a ZIP and as a folder: the words of the result, the files, and
what broke off going on."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.data.collect import sources
from core.data.collect.staging import place
from core.data.synthetic.demo import draw_scene, make_dataset
from tests.browser.harness import PATIENCE, Server, cut_tables, serve, settle
from tests.fixtures.exports import EXPORTS, scene
from tests.fixtures.import_support import packed
from tests.fixtures.support import picture, wait_for

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
    expect(page.get_by_role("button", name="Choose a folder")).to_be_enabled()
    # What the view before showed has one too, and is there for a while.
    expect(page.get_by_role("combobox", name="Label")).to_have_count(1)
    settle(page)


def imports(page: Page) -> None:
    """Press Import, once all is sent."""
    expect(page.get_by_text("All of it is here")).to_be_visible()
    page.get_by_role("button", name="Import").click()


def megabytes(page: Page) -> float:
    """As many as the page says are sent."""
    return float(page.locator(".count").inner_text().split(" of ")[0])


def test_a_zip_is_imported_and_its_photos_are_shown(page: Page, server: Server, photos: Path):
    files = {f"set/with_mask/anna/{path.name}": path.read_bytes() for path in (photos / "mask").iterdir()}
    files |= {f"set/no_mask/{path.name}": path.read_bytes() for path in (photos / "no_mask").iterdir()}
    data = packed(files | {"__MACOSX/._1.jpg": b"", "../mask/out.jpg": b"x", "set/mask/broken.jpg": b"x"})
    opened(page, server)
    # Playwright sends it as a browser does that was given the file.
    page.locator("input.files").set_input_files({"name": "set.zip", "mimeType": "application/zip", "buffer": data})
    page.get_by_role("textbox", name="Where from").fill("camera A")
    imports(page)
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
    expect(page.get_by_role("button", name="Discard")).to_be_hidden()
    assert list((root / place.FOLDER).iterdir()) == []
    page.get_by_role("button", name="Look at the photos").click()
    expect(page.get_by_test_id("stMetric").first).to_contain_text("6")


def test_a_folder_is_imported_as_it_lies_on_the_disk(page: Page, server: Server, photos: Path):
    opened(page, server)
    page.locator("input[webkitdirectory]").set_input_files(photos)
    page.get_by_role("textbox", name="Person").fill("ben")
    imports(page)
    expect(page.get_by_text("12 photos added (mask 6, no_mask 6)")).to_be_visible()
    found = {path.read_bytes() for path in (server.home / ROOM).glob("*/ben/*.jpg")}
    assert found == {path.read_bytes() for path in photos.rglob("*.jpg")}


def test_what_was_imported_before_stop_stays_and_is_said(page: Page, server: Server, tmp_path: Path):
    picture(width=40, height=40).save(tmp_path / "1.jpg")
    photo = (tmp_path / "1.jpg").read_bytes()
    (tmp_path / "many.zip").write_bytes(packed({f"mask/carla/{number}.jpg": photo for number in range(4000)}))
    opened(page, server)
    page.locator("input.files").set_input_files(tmp_path / "many.zip")
    imports(page)
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


def test_what_broke_off_goes_on_where_the_server_was_killed_and_where_it_was_stopped(page: Page, tmp_path: Path):
    home = tmp_path / "home"
    for label in ("mask", "no_mask"):
        (home / ROOM / label).mkdir(parents=True)
    photos = [picture(seed, 1200, 1200) for seed in range(8)]
    for seed, photo in enumerate(photos):
        photo.save(tmp_path / f"{seed}.png", compress_level=0)
    small, large = tmp_path / "small.jpg", tmp_path / "large.zip"
    # Another photo of the same size comes in its place.
    (first, second) = (one.read_bytes() for one in _saved(tmp_path, 20, 21))
    small.write_bytes(first.ljust(len(second), b"\0"))
    large.write_bytes(_stored({f"mask/{seed}.png": (tmp_path / f"{seed}.png").read_bytes() for seed in range(8)}))
    size = large.stat().st_size
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4_000_000}
    network.send("Network.emulateNetworkConditions", slow)
    server = serve(home)
    try:
        opened(page, server)
        page.locator("input.files").set_input_files([small, large])
        wait_for(lambda: megabytes(page) > 4, PATIENCE)
        server.kill()
        [folder] = (home / ROOM / place.FOLDER).iterdir()
        half, whole = (os.open(path, os.O_RDONLY) for path in sorted(folder.iterdir(), key=_size, reverse=True))
        sent = os.fstat(half).st_size
        assert os.fstat(whole).st_size == len(second) < sent < size
        server = serve(home, int(server.url.rpartition(":")[2]))
        wait_for(lambda: megabytes(page) > sent / 1e6 + 1, PATIENCE)
        page.get_by_role("button", name="Stop sending").click()
        expect(page.get_by_text("What was sent is kept")).to_be_visible()
        expect(page.get_by_role("button", name="Import")).to_be_disabled()
        small.write_bytes(second)
        opened(page, server)
        page.locator("input.files").set_input_files([small, large])
        network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
        expect(page.get_by_text("All of it is here")).to_be_visible()
        assert os.fstat(half).st_size == size, "it went on"
        assert os.fstat(whole).st_nlink == 0, "it began anew"
        page.get_by_role("combobox", name="Label").click()
        page.get_by_role("option", name="no_mask").click()
        imports(page)
        expect(page.get_by_text("9 photos added (no_mask 9)")).to_be_visible()
        assert (home / ROOM / "no_mask" / "small.jpg").read_bytes() == second
    finally:
        server.kill()


def _saved(folder: Path, *seeds: int) -> list[Path]:
    """Photos, the smaller file first."""
    paths = [folder / f"photo{seed}.jpg" for seed in seeds]
    for seed, path in zip(seeds, paths, strict=True):
        picture(seed).save(path)
    return sorted(paths, key=lambda path: path.stat().st_size)


def _size(path: Path) -> int:
    return path.stat().st_size


def _stored(files: dict[str, bytes]) -> bytes:
    """A ZIP as large as what it holds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


def test_the_faces_of_photos_without_a_label_are_labelled_in_the_inbox(page: Page, server: Server):
    party = io.BytesIO()
    draw_scene(["mask", "no_mask"], np.random.default_rng(1))[0].save(party, "PNG")
    opened(page, server)
    page.locator("input.files").set_input_files(
        {"name": "party.png", "mimeType": "image/png", "buffer": party.getvalue()}
    )
    page.get_by_role("combobox", name="Label").click()
    page.get_by_role("option", name="None yet: faces into the inbox").click()
    imports(page)
    expect(page.get_by_text("2 faces in the inbox.")).to_be_visible()
    page.get_by_role("button", name="Label them in the inbox").click()
    page.get_by_role("radio", name="Photo by photo").click()
    said = page.locator(".inbox .said")
    expect(said).to_contain_text("party.png at ")
    expect(said).to_contain_text("The network ")
    page.get_by_role("group", name="Faces that wait").focus()
    page.keyboard.press("1")
    expect(page.locator(".inbox .count")).to_have_text("1 waits")
    page.keyboard.press("2")
    expect(page.get_by_text("All done")).to_be_visible()
    root = server.home / ROOM
    wait_for(lambda: len(list((root / "no_mask").glob("party-*/*.jpg"))) == 1, PATIENCE)
    assert len(list((root / "mask").glob("party-*/*.jpg"))) == 1


def test_boxes_of_each_export_become_crops(page: Page, server: Server):
    opened(page, server)
    for seed, name in enumerate(("YOLO", "VOC", "COCO"), 20):
        photo = scene(seed)
        data = packed({path: content or photo for path, content in EXPORTS[name].items()})
        page.locator("input.files").set_input_files(
            {"name": f"{name}.zip", "mimeType": "application/zip", "buffer": data}
        )
        page.get_by_role("textbox", name="Where from").fill(name)
        imports(page)
        expect(page.get_by_text("3 photos added (mask 1, no_mask 1, wrong_mask 1).")).to_be_visible()
        wait_for(lambda name=name: list(sources.read(server.home / ROOM).values()).count(name) == 3, PATIENCE)
        expect(page.get_by_role("button", name="Import")).to_be_disabled()
