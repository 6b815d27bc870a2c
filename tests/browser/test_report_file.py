"""The report in a real Chromium without a network: every chart is drawn, in both themes, on a phone and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.evaluation.stress import worker
from core.report.write import write
from tests.browser.harness import new_page
from tests.fixtures import compare_fixtures
from tests.fixtures.report_fixtures import completed

_DRAWN = "[...document.querySelectorAll('.chart')].every(chart => chart.querySelector('.main-svg'))"
_WIDER = """[...document.querySelectorAll('.chart text')].filter(text => text.textContent &&
    text.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(text => text.textContent)"""
# What is written inside bars and cells has their colours for a background.
_INKS = """[...new Set([...document.querySelectorAll('.chart text')].filter(text => text.textContent &&
    !text.closest('.points, .heatmap-label')).map(text => getComputedStyle(text).fill))]"""
_PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def report(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, without and with wrong_mask and a stress suite, on one page with photos."""
    folder = tmp_path_factory.mktemp("reported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(folder / "home"))
        two, three = (
            completed(compare_fixtures.finished_run(faces, compare_fixtures.right, wrong_mask=wrong))
            for wrong in (False, True)
        )
        worker.compute(three, photos=6)
        return write([two, three], folder / "both.html", photos=True).page


def _open(browser: Browser, report: Path, **settings) -> Page:
    """The page on disk, offline; fails on a script's error and on whatever it would fetch."""
    page = new_page(browser, offline=True, **settings)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.extend([message.text] if message.type == "error" else []))
    page.on("request", lambda request: troubles.extend([] if request.url.startswith("data:") else [request.url]))
    page.goto(report.as_uri())
    page.wait_for_function(_DRAWN)
    assert troubles == [report.as_uri()]
    return page


def test_every_chart_is_drawn_and_every_photo_shown(browser, report):
    page = _open(browser, report)
    assert page.locator(".chart").count() > 15
    assert page.locator(".chart .main-svg .trace, .chart .main-svg .hm").count() > 15
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert page.locator("img").count() > 10


def test_charts_are_readable_in_both_themes(browser, report):
    def brightness(colour: str) -> int:
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    for scheme, way in (("light", 1), ("dark", -1)):
        page = _open(browser, report, color_scheme=scheme)
        (ink,) = page.evaluate(_INKS)
        assert way * (brightness(page.evaluate(_PAPER)) - brightness(ink)) > 400


def test_nothing_is_cut_off_on_a_phone(browser, report):
    page = _open(browser, report, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(_WIDER) == []


def test_on_paper_all_is_open_and_fits(browser, report):
    page = _open(browser, report, color_scheme="dark", viewport={"width": 1300, "height": 800})
    assert page.locator("details[open]").count() == 0
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.wait_for_function("[...document.querySelectorAll('.main-svg')].every(chart => chart.clientWidth <= 680)")
    assert page.evaluate(_INKS) == ["rgb(31, 38, 45)"]
