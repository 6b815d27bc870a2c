"""The operating point in a real browser: by the likeliest label where validation can't show the target, set by the
slider with keys alone, kept in the model file, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.networks import checkpoint
from core.store.runs import Run
from tests.browser.harness import Server, new_page, serve, settle
from tests.fixtures import compare_fixtures
from tests.fixtures.support import wait_for


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("operating") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def run(faces: Path, home: Path) -> Run:
    """A finished run with mistakes: what it calls mask has 0.8 of it, all else 0.1."""
    made = compare_fixtures.finished_run(faces, compare_fixtures.wrong_on("0.jpg", "1.jpg", "2.jpg"))
    return compare_fixtures.with_known_network(made)


@pytest.fixture(scope="module")
def server(home: Path, run: Run) -> Iterator[Server]:
    started = serve(home)
    yield started
    started.kill()


def model(run: Run) -> Path:
    return run.folder.parents[1] / "models" / run.report().model


def opened(browser: Browser, server: Server, run: Run, **settings) -> Page:
    """The run's page at its operating point."""
    page = new_page(browser, **settings)
    page.goto(f"{server.url}/Runs?run={run.id}")
    page.get_by_role("tab", name="Operating point").click()
    settle(page)
    return page


def test_few_validation_photos_leave_it_to_the_likeliest_label(browser, server, run):
    page = opened(browser, server, run)
    said = page.get_by_text("Pass at ≥ 50\N{NO-BREAK SPACE}% mask, which is likelier than all other labels together")
    expect(said).to_contain_text("fewer than 149 correctly masked validation photos can't show at most 2")
    page.context.close()


def test_the_slider_sets_another_one_by_validation_and_shows_it_on_test(browser, server, run):
    before = run.report()
    page = opened(browser, server, run)
    save = page.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    slider = page.get_by_role("slider", name="pass at ≥ … % mask")
    slider.focus()
    page.keyboard.press("Home")
    table = page.get_by_role("table").filter(has_text="misses, validation")
    for part, own in (("validation", before.val.operating), ("test", before.test.operating)):
        row, of = table.get_by_role("row", name=f"misses, {part}"), own.violators
        expect(row.get_by_role("cell").nth(1)).to_contain_text(f"{own.misses} of {of} (")
        expect(row.get_by_role("cell").nth(2)).to_contain_text(f"{of} of {of} (")
        stopped = table.get_by_role("row", name=f"false alarms, {part}")
        expect(stopped.get_by_role("cell").nth(2)).to_contain_text("0 of")
    save.click()
    expect(page.get_by_text("Pass at ≥ 1\N{NO-BREAK SPACE}% mask, set by hand on")).to_be_visible()
    # The report comes first, and a page may show it before the model file is there.
    wait_for(lambda: checkpoint.load(model(run)).operating_point.threshold == 0.01, 30)
    assert run.report().test.operating.misses == before.test.operating.violators

    page.get_by_role("button", name="Back to ≥ 50").click()
    expect(page.get_by_text("Pass at ≥ 50\N{NO-BREAK SPACE}% mask, which is likelier")).to_be_visible()
    wait_for(lambda: checkpoint.load(model(run)).operating_point == compare_fixtures.POINT, 30)
    assert run.report() == before
    page.context.close()


def test_live_and_evaluate_use_the_one_that_was_set(browser, server, run):
    page = opened(browser, server, run)
    page.get_by_role("slider", name="pass at ≥ … % mask").focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Save ≥ 99").click()
    expect(page.get_by_text("Pass at ≥ 99\N{NO-BREAK SPACE}% mask, set by hand on")).to_be_visible()
    name = model(run).stem
    page.goto(f"{server.url}/Live?live_model={name}")
    expect(page.get_by_text("Pass at ≥ 99")).to_be_visible()
    page.goto(f"{server.url}/Evaluate?evaluate_model={name}")
    expect(page.get_by_text("Pass at ≥ 99").first).to_be_visible()
    page.context.close()


def test_a_model_file_that_is_gone_is_a_sentence(browser, server, run):
    page = opened(browser, server, run)
    page.get_by_role("slider", name="pass at ≥ … % mask").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Save ≥ 1")).to_be_enabled()
    model(run).rename(model(run).with_suffix(".away"))
    page.get_by_role("button", name="Save ≥ 1").click()
    expect(page.get_by_text("There is no model file")).to_be_visible()
    page.context.close()


def test_nothing_is_cut_off_on_a_phone(browser, server, run):
    page = opened(browser, server, run, viewport={"width": 390, "height": 844})
    expect(page.get_by_role("slider", name="pass at ≥ … % mask")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()
