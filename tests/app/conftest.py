"""Pages run by AppTest against two finished runs on drawn faces, one with wrong_mask and one without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import runs
from core.store.paths import PROJECT
from core.training.lifecycle import launch
from tests.fixtures.support import tiny_config, wait_for

_SECONDS = 60
LOADING = "The network is being loaded"


@pytest.fixture(scope="session")
def trained_home(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MASKLAB_HOME with the drawn faces and two finished runs; copied for each test by `home`."""
    home = tmp_path_factory.mktemp("trained")
    shutil.copytree(faces, home / "datasets" / "drawn")
    before = dict(os.environ)
    os.environ |= {"MASKLAB_HOME": str(home), "OMP_NUM_THREADS": "1"}
    try:
        for wrong_mask in (True, False):
            launch.start(tiny_config(home / "datasets" / "drawn", wrong_mask=wrong_mask, epochs=3))
        wait_for(lambda: all(not run.state.active for run in runs.every()), 180)
        assert {run.state.status for run in runs.every()} == {"finished"}
    finally:
        os.environ.clear()
        os.environ.update(before)
    return home


@pytest.fixture(autouse=True)
def _known_speed(known_speed) -> None:
    """No page of these tests waits for a trial."""


@pytest.fixture
def home(trained_home: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own copy of the trained home."""
    shutil.copytree(trained_home, own_home)
    monkeypatch.setenv("MASKLAB_DATA", str(own_home / "datasets"))
    return own_home


def estimated(app: AppTest) -> AppTest:
    """The page once the form's estimate is there."""
    wait_for(lambda: "Measuring how fast" not in words(app.run()), 120)
    return app


@pytest.fixture
def page() -> Callable[..., AppTest]:
    """Open a page by its file name, with query parameters, and wait for its network; fails on a traceback."""

    def open_page(name: str = "Home.py", wait: bool = True, **query: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "Home.py"), default_timeout=_SECONDS)
        if name != "Home.py":
            app.switch_page(f"pages/{name}")
        for key, value in query.items():
            app.query_params[key] = value
        wait_for(lambda: LOADING not in words(app.run()) or not wait)
        assert not app.exception, app.exception[0].message
        return app

    return open_page


def button(app: AppTest, label: str) -> Any:
    """The button of that name."""
    return next(button for button in app.button if button.label == label)


def form_key(app: AppTest, name: str) -> str:
    """The key that a field of the training form has in this session."""
    times = app.session_state.get("form_times_put", {})
    return f"form_{name}.{times[name]}" if name in times else f"form_{name}"


def cards(app: AppTest) -> list[str]:
    """What Evaluate's cards say of each photo, as HTML."""
    return [text.proto.body for text in app.get("html") if "decision: " in text.proto.body]


def words(app: AppTest) -> str:
    """All text of a page, for `in`."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in app.get(kind) if isinstance(element.value, str))
