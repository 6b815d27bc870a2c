"""The Data page's health: a tab that says what may mislead a training, and is calm where nothing does."""

from __future__ import annotations

import shutil

import pytest

from core.data.collect import sources
from core.data.health import checks
from tests.app.conftest import words


@pytest.fixture
def dataset(crowd, own_home, monkeypatch):
    folder = own_home / "datasets" / "crowd"
    shutil.copytree(crowd, folder)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return folder


def test_what_is_fine_is_one_line(dataset, page):
    app = page("1_Data.py")
    assert "Health" in [tab.label for tab in app.tabs]
    assert checks.NOTHING in words(app)


def test_a_finding_says_what_to_do(dataset, page):
    sources.note(dataset, {f"mask/{path.name}": "phone" for path in (dataset / "mask").iterdir()})
    app = page("1_Data.py")
    assert "Health (2)" in [tab.label for tab in app.tabs]
    assert "A source with one label only" in words(app) and "phone (40 of mask)" in words(app)
    assert "Leave one source out" in words(app) and checks.NOTHING not in words(app)


def test_a_damaged_table_of_sources_takes_nothing_else_with_it(page, dataset):
    (dataset / "sources.csv").write_text("nonsense\n")
    app = page("1_Data.py")
    assert "must begin with a line that names the columns" in words(app)
    assert {"Split", "Groups and sizes", "Health"} <= {tab.label for tab in app.tabs}
