"""Home and the training form in a real browser, beside two finished runs: the front door, and what Train leads to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from core.store import runs
from core.training.lifecycle import launch
from tests.browser.harness import PATIENCE, Server, serve, settle
from tests.browser.steps import HIGH, choose, open_advanced, type_number
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config, wait_for

pytestmark = pytest.mark.usefixtures("home")



@pytest.fixture(scope="module")
def server(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("front") / "home"
    photos = home / "datasets" / "drawn"
    shutil.copytree(faces, photos)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(home))
        for wrong_mask in (True, False):
            finished_run(photos, right, wrong_mask=wrong_mask)
    started = serve(home)
    yield started
    started.kill()


def _long_and_small(page: Page) -> None:
    """Set the form to a training that is at work for as long as the test needs."""
    page.set_viewport_size({"width": 1366, "height": HIGH})
    open_advanced(page)
    choose(page, "Network", "BasicCNN")
    type_number(page, "Image size (pixels)", "32")
    type_number(page, "Epochs", "500")


def _bottom(place: Locator) -> float:
    box = place.bounding_box()
    assert box
    return box["y"] + box["height"]


def test_train_is_visible_without_scrolling(page: Page, server: Server):
    page.goto(server.url)
    settle(page)
    side = page.get_by_test_id("stSidebar")
    expect(side.get_by_role("radio")).to_have_count(3)
    assert _bottom(side.get_by_role("button", name="Train", exact=True)) < 800
    expect(side.get_by_role("spinbutton", name="Epochs", exact=True)).not_to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 800), (390, 844)])
def test_the_front_door_explains_the_labels_and_lists_results(page: Page, server: Server, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(server.url)
    settle(page)
    faces = page.get_by_role("img", name="A drawn face")
    expect(faces).to_have_count(3)
    expect(page.get_by_role("button", name="Try it on your webcam")).to_be_visible()
    assert _bottom(faces.last) < height, "in the first screen"
    for card in ("1 Photos", "2 Train", "3 Check and use"):
        expect(page.get_by_role("heading", name=card)).to_be_visible()
    main = page.get_by_test_id("stMain")
    expect(main.get_by_role("img", name="95 % interval")).to_have_count(2)
    newest, older = runs.every()
    pair = {main.get_by_role("link", name="Compare", exact=True).nth(place).get_attribute("href") for place in (0, 1)}
    assert {re.split("=|%2C|,", address)[-2:][0] for address in pair if address} == {newest.id, older.id}
    assert main.evaluate("part => part.scrollWidth <= part.clientWidth"), "nothing is cut at the right"


def test_the_webcam_is_one_click_away(page: Page, server: Server):
    page.goto(server.url)
    settle(page)
    page.get_by_role("button", name="Try it on your webcam").click()
    page.wait_for_url("**/Live?live_model=starter")
    expect(page.get_by_test_id("stMain").get_by_role("combobox", name="Network")).to_have_value("Starter network")


def test_train_goes_to_the_new_run_whose_address_stays(page: Page, server: Server):
    """Issue 17, points 1 and 9: it stayed at ?run=A, where the next rerun threw the user back to A."""
    shown = runs.every()[0]
    page.goto(f"{server.url}/Runs?run={shown.id}")
    settle(page)
    _long_and_small(page)
    page.get_by_test_id("stSidebar").get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/Runs\?run=(?!{shown.id})"))
    new = runs.every()[0]
    try:
        assert new.id in page.url and new.id != shown.id
        stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop")
        expect(stop).to_be_visible()
        # A rerun of the whole page, as the estimate that arrives makes one.
        page.get_by_test_id("stSidebar").get_by_text("Train on wrong_mask too").click()
        settle(page)
        expect(stop).to_be_visible()
        assert new.id in page.url
        expect(page.get_by_text("Training has started")).to_have_count(0)
    finally:
        launch.stop(new)


def test_train_leads_to_the_run_where_the_browser_still_asks_for_home(page: Page, server: Server):
    """What a fragment of the page that was left asks for came after the page that was gone to: all was white."""
    at_work = launch.start(tiny_config(server.home / "datasets" / "drawn", epochs=500))
    answers = _Held(page)
    try:
        page.goto(server.url)
        settle(page)
        # Of a size that nobody has measured: the form asks again each second.
        page.set_viewport_size({"width": 1366, "height": HIGH})
        open_advanced(page)
        type_number(page, "Image size (pixels)", "96")
        expect(page.get_by_text("Time is estimated once no training is running")).to_be_visible()
        answers.hold()
        page.get_by_test_id("stSidebar").get_by_role("button", name="Train", exact=True).click()
        wait_for(lambda: page.evaluate("0") == 0 and runs.every()[0].id != at_work.id, PATIENCE)
        answers.let_go(page, after=3)
        expect(page).to_have_url(re.compile(rf"/Runs\?run={runs.every()[0].id}"))
        expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_be_visible()
        settle(page)
        expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Compare")).to_be_visible()
    finally:
        for run in runs.every():
            if run.state.active:
                launch.stop(run)


class _Held:
    """The server's answers to a page that is opened later, held back on demand."""

    def __init__(self, page: Page) -> None:
        self._asked = 0
        self._answers: list[Callable[[], None]] | None = None
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def hold(self) -> None:
        self._answers = []

    def let_go(self, page: Page, after: int) -> None:
        """Deliver what was held, once the page has asked for something so often again."""
        wanted = self._asked + after
        wait_for(lambda: page.evaluate("0") == 0 and self._asked >= wanted, PATIENCE)
        answers, self._answers = self._answers or [], None
        for send in answers:
            send()

    def _connect(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()

        def ask(message: str | bytes) -> None:
            self._asked += 1
            server.send(message)

        def answer(message: str | bytes) -> None:
            if self._answers is None:
                browser.send(message)
            else:
                self._answers.append(partial(browser.send, message))

        browser.on_message(ask)
        server.on_message(answer)
