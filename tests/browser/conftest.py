"""What the tests of several pages use: Chromium, a page in it, and a server for Live."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from core.networks import checkpoint
from core.networks.operating_point import OperatingPoint
from core.store.paths import STARTER_FILE
from core.store.runs import Run
from tests.browser.harness import Server, chromium, new_page, serve
from tests.fixtures.home_fixtures import furnish, home_of

# Characters of a page that are shown where a test fails.
_MOST = 3000
# They wait for whole trainings.
_LONGEST = ("test_train_and_compare", "test_collect_to_compare", "test_keyboard")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the files that take longest, or one worker would wait for the other at the end."""
    items.sort(key=lambda item: item.path.stem not in _LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to a failure what its pages showed."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and browser:
        for shown in (page for context in browser.contexts for page in context.pages):
            # Not what the test waits for: a page that is not there any more must not hide why.
            with suppress(Error):
                report.sections.append((shown.url, shown.locator("body").aria_snapshot(timeout=5000)[:_MOST]))
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a small laptop's size, in a context of its own."""
    opened = new_page(browser, viewport={"width": 1366, "height": 800})
    yield opened
    opened.context.close()


@pytest.fixture
def home(server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the file's server, whose runs the test reads."""
    monkeypatch.setenv("MASKLAB_HOME", str(server.home))
    return server.home


@pytest.fixture(scope="module")
def furnished(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    """Two finished runs on drawn faces, the newest first, in a home of this module."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home_of(tmp_path_factory.mktemp("furnished") / "home").items():
            patch.setenv(name, value)
        yield furnish(faces)


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one viewer, whose home holds the starter network, which knows drawn faces, under two more names, as
    one that lets hardly anyone pass, and as one that is unsure of everybody."""
    home = tmp_path_factory.mktemp("live") / "home"
    (home / "models").mkdir(parents=True)
    for name in ("own.pth", "breaks.pth"):
        shutil.copy(STARTER_FILE, home / "models" / name)
    starter = checkpoint.load(STARTER_FILE)
    checkpoint.save(home / "models" / "strict.pth", replace(starter, operating_point=OperatingPoint(0.99999)))
    checkpoint.save(home / "models" / "unsure.pth", replace(starter, unsure_above=0.0))
    server = serve(home, MASKLAB_VIEWERS="1")
    yield server
    server.kill()
