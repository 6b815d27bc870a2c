"""One server for the tests of the Live page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from core.store.paths import STARTER_FILE
from tests.browser.harness import Server, serve


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one viewer, whose home holds the starter network, which knows drawn faces, under two more names."""
    home = tmp_path_factory.mktemp("live") / "home"
    (home / "models").mkdir(parents=True)
    for name in ("own.pth", "breaks.pth"):
        shutil.copy(STARTER_FILE, home / "models" / name)
    server = serve(home, MASKLAB_VIEWERS="1")
    yield server
    server.kill()
