"""The whole loop in one browser: a new dataset, photos by the camera, a network, what it has wrong on Live kept and
labelled, trained again, and both compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.data.dataset.label_folders import count_files
from core.schema.labels import Label
from core.store import runs
from tests.browser.harness import PATIENCE, Server, chromium, new_page, serve
from tests.browser.loop_steps import Camera, Loop
from tests.fixtures.home_fixtures import home_of
from tests.fixtures.support import wait_for

# Training, validation and test need one person each.
_PEOPLE = ("Anna", "Ben", "Cleo")
_PHOTOS = 4


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path / "camera.mjpeg")


@pytest.fixture
def browser(camera: Camera) -> Iterator[Browser]:
    with chromium(camera.clip) as started:
        yield started


@pytest.fixture
def server(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name, value in home_of(own_home).items():
        monkeypatch.setenv(name, value)
    started = serve(own_home)
    yield started
    started.kill()


@pytest.fixture
def page(browser: Browser) -> Page:
    return new_page(browser, viewport={"width": 1280, "height": 900})


def test_a_network_is_made_and_made_better_without_leaving_the_browser(camera: Camera, page: Page, server: Server):
    loop = Loop(page, server.url, camera)
    loop.new_dataset("class")
    folder = server.home / "datasets" / "class"
    loop.take_all(_PEOPLE, _PHOTOS)
    taken = count_files(folder)
    assert min(taken.values()) >= _PHOTOS * len(_PEOPLE)
    assert {path.parent.name for path in folder.glob("*/*/*.jpg")} == set(_PEOPLE)

    first = loop.train("Quick")
    assert first.report().test.n > 0
    loop.live(Label.NO_MASK, seed=7)
    loop.say_what_is_right(Label.NO_MASK)
    loop.label_what_waits()
    wait_for(lambda: count_files(folder) == taken | {Label.NO_MASK: taken[Label.NO_MASK] + 1}, PATIENCE)

    second = loop.train_again(first)
    assert second.config == first.config
    assert "no_mask/live-" in second.split_file.read_text(), "what was kept is among its photos"
    assert "no_mask/live-" not in first.split_file.read_text()
    loop.compare()
    assert [run.id for run in runs.every()] == [second.id, first.id]
