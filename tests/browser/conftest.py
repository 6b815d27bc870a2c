"""One server for the tests of the Live page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.harness import Server, serve


@pytest.fixture(scope="session")
def live_server(drawn_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one viewer, whose home holds the network trained on drawn faces under two names."""
    home = tmp_path_factory.mktemp("live") / "home"
    (home / "models").mkdir(parents=True)
    for name in ("drawn.pth", "breaks.pth"):
        shutil.copy(drawn_model, home / "models" / name)
    server = serve(home, MASKLAB_VIEWERS="1")
    yield server
    server.kill()
