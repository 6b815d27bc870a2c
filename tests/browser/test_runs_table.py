"""The table of runs and a sweep's page in a real browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.store import runs, sweeps
from core.store.sweeps import REPORT_A_TABLE, Row, Sweep
from core.training.sweeps import report_a_table
from tests.browser.harness import Server, new_page, serve, settle
from tests.fixtures.compare_fixtures import finished_run, right, wrong_on
from tests.fixtures.support import tiny_config, wait_for

_ROW, _BOX, _NAME = 35, 16, 90


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, faces: Path):
    """Two runs, a grid of which three trainings have finished, and report A's table, of which none has begun."""
    home = tmp_path_factory.mktemp("table") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(home))
        folder = home / "datasets" / "drawn"
        office = home / "datasets" / "office"
        shutil.copytree(faces, folder)
        shutil.copytree(faces, office)
        for seed in (1, 2):
            finished_run(office, right, seed=seed)
        _grid(folder)
        table = report_a_table.variants({"dataset": str(folder), "backbone": "MobileNet"}, {})
        sweeps.create(REPORT_A_TABLE, "report_a", [Row(one.name, one.group, one.config, 2, 60.0) for one in table])
    started = serve(home)
    yield started
    started.kill()


def _grid(folder: Path) -> None:
    settings = [(rate, on) for rate in (0.0003, 0.001) for on in (True, False)]
    config = tiny_config(folder)
    rows = [
        Row(f"learning rate {rate}, augmentation {on}", f"{rate} {on}",
            config.model_copy(update={"learning_rate": rate, "augment": on}), 3, 20.0)
        for rate, on in settings
    ]  # fmt: skip
    sweep = sweeps.create("Grid of learning rate and augmentation", "grid", rows)
    for number, (rate, on) in enumerate(settings[:3]):
        says = wrong_on("1.jpg") if number else right
        sweep.note_started(number, finished_run(folder, says, learning_rate=rate, augment=on))


@pytest.fixture
def page(browser: Browser) -> Page:
    opened = new_page(browser, viewport={"width": 1366, "height": 800}, color_scheme="light")
    yield opened
    opened.context.close()


def _open_sweep(page: Page, server: Server, sweep: Sweep) -> None:
    _open(page, server, f"?sweep={sweep.id}")


def _fill(button: Locator) -> str:
    return button.evaluate("button => getComputedStyle(button).backgroundColor")


def _open(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/Runs{query}")
    settle(page)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def _click(page: Page, row: int, x: int) -> None:
    """Click in the first table's row, so many pixels from its left edge."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": x, "y": _ROW * (row + 1.5)})


def _rerun(page: Page) -> None:
    """A rerun of the whole page that changes nothing on it."""
    page.get_by_test_id("stSidebar").get_by_text("Train on wrong_mask too").click()
    settle(page)


def _whole(page: Page) -> bool:
    """Whether no table has columns out of sight."""
    return page.evaluate("[...document.querySelectorAll('.dvn-scroller')].every(e => e.scrollWidth <= e.clientWidth)")


def test_a_click_on_a_name_opens_it_and_the_address_names_what_is_shown_all_the_way(page, server, home):
    """Issue 17, point 1: links within Runs left the address as it was, and the next rerun went back."""
    sweep = next(sweep for sweep in sweeps.every() if sweep.kind == "grid")
    run = sweep.standing(0).trained
    _open(page, server, "?search=grid")
    _click(page, 0, _NAME)
    expect(page.get_by_role("heading", name=sweep.name)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/Runs\?sweep={sweep.id}$"))
    _rerun(page)
    expect(page.get_by_role("heading", name=sweep.name)).to_be_visible()
    _click(page, 0, _NAME)
    expect(page).to_have_url(re.compile(rf"/Runs\?run={run.id}$"))
    expect(page.get_by_role("heading", name=sweep.name)).to_have_count(0)
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("textbox", name="Search")).to_have_value("grid")
    expect(page).to_have_url(re.compile(r"/Runs\?search=grid$"))
    _rerun(page)
    expect(page.get_by_text("3 of 5 runs")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/Runs\?search=grid$"))


def test_the_address_reproduces_the_table(page, server, home):
    _open(page, server)
    expect(page.get_by_text("5 runs", exact=True)).to_be_visible()
    search = page.get_by_role("textbox", name="Search")
    search.fill("office")
    search.press("Enter")
    expect(page.get_by_text("2 of 5 runs")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/Runs\?search=office$"))
    page.reload()
    expect(page.get_by_text("2 of 5 runs")).to_be_visible()
    expect(search).to_have_value("office")


@pytest.mark.parametrize("of", ["every run", "a sweep", "report A's table"])
def test_tables_show_all_their_columns_on_a_laptop(page, server, home, of):
    """Issue 17, point 9: they were cut at the right."""
    of_kind = {sweep.kind: sweep.id for sweep in sweeps.every()}
    query = {
        "every run": "",
        "a sweep": f"?sweep={of_kind['grid']}",
        "report A's table": f"?sweep={of_kind['report_a']}",
    }
    _open(page, server, query[of])
    wait_for(lambda: _whole(page))


def test_a_sweep_is_deleted_only_after_a_question_with_cancel(page, server, home):
    """Issue 17, point 7: there was no Cancel, and the button that destroys had the colour that invites."""
    doomed = sweeps.create("Seeds", "repeats", sweeps.every()[0].rows)
    _open_sweep(page, server, doomed)
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    cancel, destroy = dialog.get_by_role("button", name="Cancel"), dialog.get_by_role("button", name="Delete the sweep")
    assert _fill(cancel) != _fill(destroy)
    cancel.click()
    expect(dialog).to_have_count(0)
    assert doomed.folder.exists()
    page.get_by_role("button", name="Delete", exact=True).click()
    destroy.click()
    wait_for(lambda: not doomed.folder.exists())
    expect(page).to_have_url(re.compile(r"/Runs$"))


def test_selected_runs_are_deleted_by_name_and_the_others_stay(page, server, home):
    folder = home / "datasets" / "drawn"
    for seed in (8, 9):
        finished_run(folder, right, seed=seed)
    before = runs.every()
    _open(page, server, "?sort=newest+first")
    _click(page, 1, _BOX)
    expect(page.get_by_text("1 run selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("seed 8")).to_be_visible()
    expect(dialog.get_by_text("seed 9")).to_have_count(0)
    dialog.get_by_role("button", name="Delete 1 run").click()
    wait_for(lambda: len(runs.every()) < len(before))
    assert runs.every() == [before[0], *before[2:]]
    expect(page.get_by_text("Tick rows")).to_be_visible()


def test_two_selected_runs_are_compared(page, server, home):
    _open(page, server, "?search=office")
    _click(page, 0, _BOX)
    _click(page, 1, _BOX)
    page.get_by_role("button", name="Compare", exact=True).click()
    ids = [run.id for run in runs.every() if run.config.folder.name == "office"]
    expect(page).to_have_url(re.compile(rf"/Compare\?runs={ids[0]}(,|%2C){ids[1]}"))


def test_what_each_setting_did_is_drawn_and_told(page, server, home):
    _open_sweep(page, server, next(sweep for sweep in sweeps.every() if sweep.kind == "grid"))
    expect(page.get_by_text("Effect of each setting")).to_be_visible()
    expect(page.get_by_text("may be luck")).to_be_visible()
    expect(page.locator(".js-plotly-plot .parcoords").first).to_be_attached()
