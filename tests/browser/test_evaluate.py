"""Evaluate in a real browser: its numbers without the network, nothing but mistakes under Most wrong, photos in even
cards with a closer look by key, and charts and tables that show all they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from core.data.disturb import KINDS, SEVERITIES
from core.data.synthetic.demo import make_dataset
from core.evaluation.one_run import predictions
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.suite import CLEAN, Cell, Suite, encode
from core.schema.labels import BARE
from core.store.runs import Run
from tests.browser.harness import Server, cut_tables, new_page, serve, settle
from tests.fixtures.compare_fixtures import finished_run, with_known_network, wrong_on

_LAPTOP, _PHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
_WORST = "hand"


@pytest.fixture(scope="module")
def run_and_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Server]]:
    """A finished run with a stress suite, and a server of its home."""
    home = tmp_path_factory.mktemp("evaluate") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(home))
        folder = make_dataset(home / "datasets" / "drawn", per_class=20, people=10, seed=0)
        run = with_known_network(finished_run(folder, wrong_on("1.jpg")))
        stress_suite.save(_suite(run), run.stress_file)
        server = serve(home)
        yield run, server
        server.kill()


def _suite(run: Run) -> Suite:
    """All is right, but behind a hand: of the bare faces one is recognised, and all pass."""
    own = predictions.of_run(run, "test")
    bare = own.true == str(BARE)

    def cell(kind: str, severity: int) -> Cell:
        worst = kind == _WORST
        good = np.arange(len(own)) == np.flatnonzero(bare)[0] if worst else np.ones(len(own), bool)
        passed = np.ones(len(own), bool) if worst else own.true == "mask"
        marks = [encode(bool(ok), bool(through)) for ok, through in zip(good, passed, strict=True)]
        asked = bare if kind != CLEAN and KINDS[kind].covers_mouth else np.ones(len(own), bool)
        return Cell(kind, severity, "".join(np.where(asked, marks, "-")))

    cells = (cell(CLEAN, 0), *(cell(kind, severity) for kind in KINDS for severity in SEVERITIES))
    return Suite("m.pth", run.id, str(run.config.folder), own.classes, own.files, own.true, own.groups, cells, 0, 9.0)


@pytest.fixture
def opened(browser: Browser, run_and_server: tuple[Run, Server]):
    """Opens a view of the run's network on a screen of that size."""
    run, server = run_and_server
    pages = []

    def open_view(view: str, size: dict[str, int] = _LAPTOP) -> Page:
        page = new_page(browser, viewport=size)
        pages.append(page)
        page.goto(f"{server.url}/Evaluate?evaluate_model={run.report().model.removesuffix('.pth')}&view={view}")
        settle(page)
        return page

    yield open_view
    for page in pages:
        page.context.close()


def test_a_fresh_server_shows_the_numbers_without_loading_the_network(browser, run_and_server, tmp_path: Path):
    run, other = run_and_server
    server = serve(other.home)
    page = new_page(browser)
    try:
        for view in ("Test result", "Most wrong", "Stress"):
            page.goto(f"{server.url}/Evaluate?evaluate_model={run.report().model.removesuffix('.pth')}&view={view}")
            page.get_by_text({"Most wrong": "get a wrong label"}.get(view, "On ")).first.wait_for()
            settle(page)
        loaded = {Path(one.path).name for one in psutil.Process(server.process.pid).memory_maps()}
        assert not [name for name in loaded if name.startswith("libtorch")]
    finally:
        page.context.close()
        server.kill()


def test_most_wrong_lists_what_is_wrong_and_nothing_else(run_and_server, opened):
    own = predictions.of_run(run_and_server[0], "test")
    wrong = int((own.guess != own.true).sum())
    page = opened("Most wrong")
    expect(page.get_by_text(f"{wrong} of {len(own)} test photos get a wrong label.")).to_be_visible()
    expect(page.get_by_role("button", name="Why?")).to_have_count(wrong)
    assert page.get_by_text(re.compile("^right$")).count() == 0


def test_photos_lie_in_even_cards_whose_lines_do_not_break(run_and_server, opened):
    own = predictions.of_run(run_and_server[0], "test")
    wrong = int((own.guess != own.true).sum())
    for size in (_LAPTOP, _PHONE):
        page = opened("Most wrong", size)
        pictures = page.locator("[data-testid=stImage] img")
        expect(pictures).to_have_count(wrong)
        page.wait_for_function("() => [...document.images].every(image => image.complete)")
        boxes = [pictures.nth(place).bounding_box() for place in range(pictures.count())]
        assert {(round(box["width"]), round(box["height"])) for box in boxes} == {(round(boxes[0]["width"]),) * 2}
        assert len({round(box["x"]) for box in boxes}) >= 2, "side by side, on a phone too"
        broken = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid=stHtml] div')].filter(
                line => line.getClientRects().length > 1 || line.offsetHeight > 30).length"""
        )
        assert broken == 0


def test_a_closer_look_is_one_view_and_moves_by_key(opened):
    for size in (_LAPTOP, _PHONE):
        page = opened("Most wrong", size)
        page.get_by_role("button", name="Why?").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("img", name=re.compile("beside it the Grad-CAM heatmap")).wait_for()
        settle(page)
        for part in (dialog.locator("[data-testid=stImage] img"), dialog.get_by_text("wrong mask").first):
            box = part.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
            assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    expect(dialog.get_by_role("button", name="Previous")).to_be_visible()
    at = int(re.search(r"(\d+) of", dialog.get_by_text(re.compile(r"\d+ of \d+ ·")).inner_text())[1])
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text(re.compile(rf"^{at + 1} of "))).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(dialog.get_by_text(re.compile(rf"^{at} of "))).to_be_visible()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text(re.compile(rf"^{at + 1} of "))).to_be_visible()


def test_the_stress_sentence_adds_up(run_and_server, opened):
    bare = int((predictions.of_run(run_and_server[0], "test").true == str(BARE)).sum())
    page = opened("Stress")
    said = page.get_by_text(re.compile("Weakest: ")).inner_text()
    counted = re.search(r"of (\d+) bare faces (\d+) would pass .* and (\d+) be stopped", said)
    assert [int(number) for number in counted.groups()] == [bare, bare, 0]
    assert re.search(r"By the likeliest label, the recall of no_mask is \d+", said)


def test_charts_have_no_toolbar_over_their_title_on_a_phone(opened):
    for view in ("Slices", "Stress"):
        page = opened(view, _PHONE)
        chart = page.locator(".js-plotly-plot").first
        chart.wait_for()
        chart.hover()
        assert page.locator(".modebar-btn").count() == 0


def test_tables_are_whole_on_a_laptop(opened):
    page = opened("Slices")
    page.locator("[data-testid=stDataFrame]").wait_for()
    assert cut_tables(page) == []
    page = opened("Stress")
    page.get_by_text("Numbers").click()
    page.locator("[data-testid=stDataFrame]").wait_for()
    assert cut_tables(page) == []
