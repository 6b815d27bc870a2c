"""The main job in a real browser: drawn faces, training from the sidebar, moving curves, comparison; a dead server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.store import runs
from tests.browser.harness import PATIENCE, TRAINED, Server, new_page, serve, settle
from tests.browser.steps import HIGH, choose, open_advanced, type_number
from tests.fixtures.support import wait_for

# An epoch of it takes seconds on two cores and 500 are the form's most: it is at work for as long as the test needs.
_LONG = {"Image size (pixels)": "64", "Epochs": "500"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("browser") / "home"
    (home / "datasets").mkdir(parents=True)
    started = serve(home)
    yield started
    started.kill()


@pytest.fixture
def page(browser: Browser, server: Server) -> Page:
    opened = new_page(browser, viewport={"width": 1280, "height": HIGH})
    opened.goto(server.url)
    settle(opened)
    yield opened
    opened.context.close()


def _ended(run: runs.Run) -> bool:
    return not run.state.active


def test_demo_faces_are_drawn_and_trained_on(page: Page, home: Path):
    page.get_by_role("button", name="Use drawn demo faces").click()
    expect(page.get_by_text("Validation accuracy")).to_be_visible(timeout=1000 * TRAINED)
    points = page.locator(".js-plotly-plot .point")
    first = points.count()
    wait_for(lambda: points.count() > first, TRAINED)
    page.reload()
    expect(page.get_by_text("Validation accuracy")).to_be_visible()
    run = runs.every()[0]
    wait_for(lambda: _ended(run), TRAINED)
    expect(page.get_by_test_id("stCaptionContainer").get_by_text("Saved as")).to_be_visible()
    assert run.report().test.accuracy > 0.6
    page.get_by_role("radio", name="Photos").click()
    expect(page.get_by_text("The first training batch")).to_be_visible()


def test_second_run_from_the_sidebar_and_comparison(page: Page, home: Path):
    open_advanced(page)
    choose(page, "Network", "BasicCNN")
    type_number(page, "Image size (pixels)", "64")
    type_number(page, "Epochs", "3")
    page.get_by_test_id("stSidebar").get_by_text("Train on wrong_mask too").click()
    settle(page)
    # A real trial, in the server's background.
    expect(page.get_by_test_id("stSidebar").get_by_text("training photos of 2 labels, about")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/Runs?run=*")
    run = runs.every()[0]
    assert run.id in page.url
    assert (run.config.epochs, run.config.image_size, run.config.wrong_mask) == (3, 64, False)
    wait_for(lambda: _ended(run), TRAINED)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("too few to compare|is shown|points"))).to_be_visible()
    expect(page.get_by_text("Settings that differ")).to_be_visible()


def test_delete_asks_first_and_deletes(page: Page, server: Server, home: Path):
    run = runs.every()[0]
    page.goto(f"{server.url}/Runs?run={run.id}")
    settle(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    wait_for(lambda: not run.folder.exists(), PATIENCE)
    expect(page.get_by_text("Tick rows")).to_be_visible()


def test_killed_server_leaves_training_alone(page: Page, server: Server, home: Path):
    open_advanced(page)
    choose(page, "Network", "BasicCNN")
    for label, value in _LONG.items():
        type_number(page, label, value)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/Runs?run=*")
    run = runs.every()[0]
    wait_for(run.metrics, TRAINED)
    server.kill()
    epochs = len(run.metrics())
    wait_for(lambda: len(run.metrics()) > epochs + 1, TRAINED)
    server.process = serve(home, int(server.url.rsplit(":", 1)[1])).process
    page.goto(f"{server.url}/Runs?run={run.id}")
    page.get_by_role("button", name="Stop").click()
    wait_for(lambda: run.state.status == "stopped", PATIENCE)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
