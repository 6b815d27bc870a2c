"""Compare in a real browser: one verdict, runs that go together, how soon the page is there, and what a link shows."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.data.disturb import KINDS, SEVERITIES
from core.evaluation.one_run import predictions
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.suite import CLEAN, Cell, Suite
from core.schema.labels import Label
from core.store.runs import METRICS, Run
from tests.browser.harness import Server, new_page, serve, settle
from tests.fixtures.compare_fixtures import files_tested, finished_run, make_crowd, right, wrong_on

# Seconds on two cores, with a network's suites beside each run; this many times as long beside the other tests.
_WARM, _BUSY = 1.0, 6
_VERDICT = re.compile(r"recognises wrongly worn masks \(\+100 points\), at ")
_WIDEST = "Math.max(...[...document.querySelectorAll('.js-plotly-plot')].map(one => one.getBoundingClientRect().right))"
_CHARTS = ".js-plotly-plot"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("browser") / "home"
    before = dict(os.environ)
    os.environ |= {"MASKLAB_HOME": str(home), "MASKLAB_DATA": str(home / "datasets")}
    try:
        _runs(home)
    finally:
        os.environ.clear()
        os.environ.update(before)
    started = serve(home)
    yield started
    started.kill()


def _runs(home: Path) -> None:
    """Two and three classes on the same photos, with suites and curves; and then the newest, on a few other ones."""
    photos, few = (make_crowd(home / "datasets" / name, count) for name, count in (("photos", 40), ("few", 6)))
    two = finished_run(photos, right, wrong_mask=False)
    three = finished_run(photos, wrong_on(*files_tested(two, Label.MASK)[:8]))
    for run in (two, three):
        for epoch in range(1, 9):
            run.append_metrics(dict.fromkeys(METRICS, 0.5) | {"epoch": epoch})
        _suite(run)
    for epochs in (3, 4):
        finished_run(few, right, epochs=epochs)


def _suite(run: Run) -> None:
    own = predictions.of_run(run)
    cells = [(CLEAN, 0), *((kind, severity) for kind in KINDS for severity in SEVERITIES)]
    outcomes = tuple(Cell(kind, severity, "13" * (len(own) // 2) + "0" * (len(own) % 2)) for kind, severity in cells)
    suite = Suite(
        "m.pth", run.id, run.config.dataset, own.classes, own.files, own.true, own.groups, outcomes, seed=0, seconds=1.0
    )
    stress_suite.save(suite, run.stress_file)


@pytest.fixture
def page(browser: Browser) -> Page:
    opened = new_page(browser, viewport={"width": 1366, "height": 800})
    yield opened
    opened.context.close()


def _ids(server: Server, folder: str) -> str:
    """The runs of these photos, oldest first."""
    runs = sorted(path.parent for path in (server.home / "runs").glob("*/report.json"))
    return ",".join(run.name for run in runs if Run(run).config.dataset.endswith(f"/{folder}"))


def _open(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/Compare{query}")
    settle(page)


def test_one_verdict_names_the_trade_off_and_nothing_contradicts_it(page: Page, server: Server):
    _open(page, server, f"?runs={_ids(server, 'photos')}&view=wrong_mask")
    expect(page.get_by_role("heading", name=_VERDICT)).to_have_count(1)
    expect(page.get_by_text("lets pass 0 of")).to_be_visible()
    shown = page.get_by_test_id("stMain").inner_text()
    assert "A is better" not in shown and "B is better" not in shown and "Train with" not in shown
    expect(page.locator(_CHARTS)).to_have_count(4)


def test_few_shared_photos_are_too_few_and_no_more(page: Page, server: Server):
    _open(page, server, f"?runs={_ids(server, 'few')}")
    expect(page.get_by_role("heading", name=re.compile("share 9 test photos: too few to compare"))).to_be_visible()
    shown = page.get_by_test_id("stMain").inner_text()
    assert "points" not in shown
    expect(page.locator(_CHARTS)).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def test_only_runs_of_the_same_photos_are_chosen_at_first(page: Page, server: Server):
    _open(page, server)
    expect(page.get_by_role("heading", name=_VERDICT)).to_be_visible()
    chosen = parse_qs(urlsplit(page.url).query)["runs"][0].split(",")
    assert sorted(chosen) == sorted(_ids(server, "photos").split(",")), "not the newer runs, whose photos are too few"


def test_a_visit_is_quick_and_the_frame_is_there_at_once(page: Page, server: Server):
    query = f"?runs={_ids(server, 'photos')}"
    _open(page, server, query)
    expect(page.locator(_CHARTS)).to_have_count(2)
    page.get_by_role("link", name="Glossary", exact=True).first.click()
    settle(page)
    started = time.monotonic()
    page.get_by_role("link", name="Compare", exact=True).first.click()
    expect(page.get_by_text("With and without wrong_mask")).to_be_visible()
    expect(page.get_by_role("heading", name=_VERDICT)).to_be_visible()
    assert time.monotonic() - started < _BUSY * _WARM


def test_a_link_shows_the_page_again(page: Page, browser: Browser, server: Server):
    _open(page, server, f"?runs={_ids(server, 'photos')}")
    page.get_by_text("Learning curves").click()
    slider = page.get_by_role("slider", name="Smoothing (epochs)")
    expect(slider).to_be_visible()
    slider.press("ArrowRight")
    settle(page)
    page.wait_for_url(re.compile("smoothing=2"))
    page.wait_for_url(re.compile("view=curves"))
    other = new_page(browser, viewport={"width": 390, "height": 844})
    other.goto(page.url)
    settle(other)
    expect(other.get_by_role("slider", name="Smoothing (epochs)")).to_have_value("2")
    expect(other.locator(_CHARTS)).to_have_count(4)
    assert other.evaluate(_WIDEST) <= 390
    other.context.close()
