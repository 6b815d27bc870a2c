"""One run's page in a real browser: the address, the one best epoch, stop, delete, notes, tabs and downloads."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.store import paths, runs
from core.store.job_state import State
from core.store.run_notes import Notes
from core.store.runs import METRICS, Run
from core.training.lifecycle import launch
from tests.browser.harness import PATIENCE, TRAINED, Server, serve, settle
from tests.fixtures.compare_fixtures import finished_run, right
from tests.fixtures.support import tiny_config, wait_for

pytestmark = pytest.mark.usefixtures("home")



@pytest.fixture(scope="module")
def server(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("run_page") / "home"
    shutil.copytree(faces, home / "datasets" / "drawn")
    started = serve(home)
    yield started
    started.kill()


@pytest.fixture
def run(home: Path) -> Run:
    """A finished run with curves."""
    made = finished_run(home / "datasets" / "drawn", right)
    made.append_metrics(dict.fromkeys(METRICS, 0.5) | {"epoch": 1})
    return made


@pytest.fixture
def active(home: Path) -> Iterator[Run]:
    """A run at work for as long as the test needs, which draws a new epoch each few moments."""
    started = launch.start(tiny_config(home / "datasets" / "drawn", epochs=500))
    wait_for(started.metrics, TRAINED)
    yield started
    if started.state.active:
        launch.stop(started)


def _open(page: Page, server: Server, run: Run, tab: str = "") -> None:
    page.goto(f"{server.url}/Runs?run={run.id}" + f"&tab={tab}" * bool(tab))
    settle(page)


def _dialog(page: Page, opener: str) -> Locator:
    page.get_by_role("button", name=opener, exact=True).click()
    found = page.get_by_role("dialog")
    expect(found).to_be_visible()
    return found


def test_the_address_names_what_is_shown(page: Page, server: Server, run: Run, active: Run):
    """A link to the page that it stood on left the address: the next rerun threw the user back to the run before."""
    sidebar = page.get_by_test_id("stSidebar")
    run.write_notes(Notes("The first"))
    active.write_notes(Notes("The second"))
    _open(page, server, run)
    page.get_by_role("link", name="All runs").click()
    expect(page).to_have_url(f"{server.url}/Runs")
    page.get_by_role("link", name="The second").first.click()
    expect(page).to_have_url(f"{server.url}/Runs?run={active.id}")
    expect(page.get_by_role("heading", name="The second")).to_be_visible()
    # A rerun of the whole page, as an estimate that arrives makes one.
    sidebar.get_by_text("Train on wrong_mask too").click()
    settle(page)
    expect(page.get_by_role("heading", name="The second")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{server.url}/Runs")


def test_stop_answers_at_once(page: Page, server: Server, active: Run):
    """For half a minute nothing told that it had been heard."""
    _open(page, server, active)
    trainer = active.job.process()
    trainer.suspend()
    try:
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("Stopping after this batch")).to_be_visible()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    finally:
        trainer.resume()
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible()
    assert active.state.status == "stopped"


def test_one_validation_accuracy_is_told_that_of_the_best_epoch(page: Page, server: Server, home: Path):
    """The last epoch's stood above, the kept one's below."""
    stopped = runs.create(tiny_config(home / "datasets" / "drawn", epochs=9), 3)
    for epoch, accuracy in enumerate((0.5, 0.75, 0.625), 1):
        stopped.append_metrics(dict.fromkeys(METRICS, 0.5) | {"epoch": epoch, "val_accuracy": accuracy})
    stopped.job.write(State("stopped", epoch=3))
    _open(page, server, stopped)
    tile = page.get_by_test_id("stMetric").filter(has_text="Validation accuracy")
    expect(tile).to_contain_text("(best, epoch 2)")
    expect(tile).to_contain_text(re.compile(r"75\.0.%"))


def test_delete_can_be_cancelled_and_asks_for_run_or_network(page: Page, server: Server, run: Run):
    """There was no Cancel, what destroys was blue, and a network could not be deleted."""
    model = paths.models_dir() / run.report().model
    _open(page, server, run)
    asked = _dialog(page, "Delete")
    cancel, delete = (asked.get_by_role("button", name=name) for name in ("Cancel", "Delete"))
    expect(cancel).to_have_attribute("data-testid", "stBaseButton-primary")
    expect(delete).to_have_attribute("data-testid", "stBaseButton-secondary")
    cancel.click()
    expect(asked).to_have_count(0)
    assert run.folder.exists() and model.exists()
    asked = _dialog(page, "Delete")
    asked.get_by_text("Its network").click()
    expect(asked.get_by_text(f"models/{model.name} goes")).to_be_visible()
    asked.get_by_role("button", name="Delete").click()
    wait_for(lambda: not model.exists(), PATIENCE)
    expect(page.get_by_role("link", name="Try live")).to_have_count(0)
    assert run.folder.exists()
    _dialog(page, "Delete").get_by_role("button", name="Delete").click()
    wait_for(lambda: not run.folder.exists(), PATIENCE)
    expect(page).to_have_url(f"{server.url}/Runs")


def test_a_written_report_leaves_the_open_tab(page: Page, server: Server, run: Run):
    _open(page, server, run, "Settings")
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_role("button", name="Write report").click()
    expect(page.get_by_role("button", name="Report (HTML)")).to_be_visible()
    expect(page.get_by_role("radio", name="Settings")).to_be_checked()
    expect(page).to_have_url(re.compile("tab=Settings"))


def test_the_network_is_downloaded(page: Page, server: Server, run: Run):
    _open(page, server, run)
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Network (.pth)").click()
    assert Path(begun.value.path()).read_bytes() == (paths.models_dir() / run.report().model).read_bytes()


def test_name_note_tags_and_star_are_kept(page: Page, server: Server, run: Run):
    _open(page, server, run)
    asked = _dialog(page, "Edit")
    asked.get_by_label("Name", exact=True).fill("Door <b>2</b>")
    asked.get_by_label("Note", exact=True).fill("By the window")
    tags = asked.get_by_role("combobox", name="Tags")
    tags.fill("entrance")
    tags.press("Enter")
    # Its list closes.
    tags.press("Tab")
    asked.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Door <b>2</b>")).to_be_visible()
    expect(page.get_by_text("By the window")).to_be_visible()
    page.get_by_role("button", name="Star", exact=False).first.click()
    expect(page.get_by_role("button", name="Starred")).to_be_visible()
    assert run.notes() == Notes("Door <b>2</b>", "By the window", ("entrance",), True)


def test_training_again_takes_the_settings_to_home(page: Page, server: Server, run: Run):
    _open(page, server, run)
    page.get_by_role("button", name="Train again with changes").click()
    expect(page).to_have_url(f"{server.url}/")
    page.get_by_test_id("stSidebar").get_by_text("Advanced", exact=True).click()
    size = page.get_by_test_id("stSidebar").get_by_role("spinbutton", name="Image size (pixels)")
    expect(size).to_have_value("32")
