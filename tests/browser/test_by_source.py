"""Sources in a real browser: Health's shares on the Data page, a run's numbers by source, and two runs by source, on a
phone too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.data.collect import sources
from core.schema.labels import Label
from tests.browser.harness import Server, new_page, rest, serve
from tests.fixtures.compare_fixtures import finished_run, right, with_known_network, wrong_on
from tests.fixtures.home_fixtures import home_of


@pytest.fixture(scope="module")
def server(crowd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    home = tmp_path_factory.mktemp("sources") / "home"
    folder = shutil.copytree(crowd, home / "datasets" / "crowd")
    files = [f"{label}/{label}-{number:03}.png" for label in Label for number in range(40)]
    sources.note(folder, {file: "phone" if int(file[-7:-4]) < 8 else "site" for file in files})
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home_of(home).items():
            patch.setenv(name, value)
        weak = [f"-{number:03}.png" for number in range(8, 40)]
        pair = finished_run(folder, right), finished_run(folder, wrong_on(*weak), epochs=3)
        models = [with_known_network(run).report().model for run in pair]
    started = serve(home)
    yield started, [*(run.id for run in pair), *models]
    started.kill()


@pytest.mark.parametrize("width", [1280, 390])
def test_numbers_by_source_are_where_a_user_looks(browser: Browser, server: tuple[Server, list[str]], width: int):
    started, (first, second, _, model) = server
    page = new_page(browser, viewport={"width": width, "height": 900})
    page.goto(f"{started.url}/Data")
    page.get_by_role("tab", name="Health").click()
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    page.get_by_role("tab", name="Split").click()
    page.get_by_text("By source", exact=True).click()
    expect(page.get_by_test_id("stDataFrame").filter(visible=True)).to_have_count(1)

    page.goto(f"{started.url}/Evaluate?evaluate_model={model}")
    expect(page.get_by_role("heading", name="By source")).to_be_visible()
    expect(page.get_by_text("Balanced accuracy on site")).to_be_visible()

    page.goto(f"{started.url}/Compare?runs={first},{second}&view=by_source")
    expect(page.get_by_text("On site A is better")).to_be_visible()
    rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing but tables is wider than the page"
    page.context.close()
