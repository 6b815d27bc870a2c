"""Versions in a real browser: what changed since a run is seen, and the run is trained again on its own photos, without
those that are gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.data.dataset import label_decisions
from core.schema.labels import Label
from core.store import runs
from core.store.runs import Run
from tests.browser.harness import PATIENCE, Server, rest, serve
from tests.fixtures.compare_fixtures import files_tested, finished_run, right
from tests.fixtures.home_fixtures import home_of
from tests.fixtures.support import picture, wait_for


@pytest.fixture
def run(crowd: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A finished run, of whose photos one is gone and one relabelled since; another was added."""
    for name, value in home_of(own_home).items():
        monkeypatch.setenv(name, value)
    folder = own_home / "datasets" / "crowd"
    shutil.copytree(crowd, folder)
    made = finished_run(folder, right)
    picture(70, 96, 96).save(folder / "mask" / "added.png")
    label_decisions.decide(folder, "no_mask/no_mask-001.png", "relabel", Label.MASK)
    (folder / files_tested(made)[0]).unlink()
    return made


@pytest.fixture
def server(run: Run, own_home: Path) -> Iterator[Server]:
    server = serve(own_home)
    yield server
    server.kill()


def test_what_changed_is_seen_and_a_run_is_repeated_on_its_own_version(server, page, run):
    page.goto(f"{server.url}/Data")
    page.get_by_role("radio", name="Versions").click()
    expect(page.get_by_text("1 added, 1 removed, 1 relabelled; 118 the same.")).to_be_visible()
    page.get_by_text("Added (1)").click()
    expect(page.get_by_role("img", name="mask/added.png")).to_be_visible()

    page.goto(f"{server.url}/Runs?run={run.id}")
    page.get_by_role("button", name="Train again on these photos").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 photo is gone or changed")).to_be_visible()
    dialog.get_by_role("button", name="Train without these 1").click()
    wait_for(lambda: len(runs.every()) == 2, PATIENCE)
    started = runs.every()[0]
    page.wait_for_url(f"**/Runs?*run={started.id}*")
    expect(dialog).to_have_count(0)
    wait_for(lambda: not started.state.active, PATIENCE)
    assert started.state.status == "finished", started.state.message
    page.reload()
    rest(page)
    expect(page.get_by_text(f"version {started.report().version.id[:8]} (119 photos")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
