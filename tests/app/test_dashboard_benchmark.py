"""The dashboard's benchmark: the pages open on the runs and photos that it makes."""

from __future__ import annotations

import json

import pytest

from benchmarks import dashboard, dashboard_made
from core.networks import checkpoint
from core.store import paths, runs


@pytest.fixture
def made(own_home, monkeypatch) -> list[str]:
    """The ids of four made runs of three epochs in a home of their own."""
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return dashboard_made.runs(4, 3)


def test_pages_open_on_made_runs(made):
    assert {run.state.status for run in runs.every()} == {"finished"}
    newest = runs.get(made[0])
    assert checkpoint.load(paths.models_dir() / newest.report().model).report.run == newest.id
    with dashboard.no_browser():
        for view in dashboard.VIEWS.values():
            assert min(dashboard.open_page(view, made, clicks=int(view.click is not None))) > 0


def test_made_photos_are_scanned_grouped_and_split(own_home, monkeypatch):
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    folder = dashboard_made.photos(300)
    monkeypatch.setattr("sys.argv", ["dashboard", "--folder", str(folder)])
    told = dashboard._photos(dashboard._arguments())
    assert min(told.values()) > 0
    assert json.loads(json.dumps(told)) == told
