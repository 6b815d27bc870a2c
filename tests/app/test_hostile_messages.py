"""A run's message may name any path: wherever it stands it draws nothing (what is safe: test_markup.py)."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.text.markup import plain
from tests.fixtures.hostile import BREAKING, HOSTILE


def status(message: str) -> None:
    from core.store.job_state import State
    from core.ui.runs.progress import status_line

    for status in ("queued", "finished", "stopped", "failed"):
        status_line(State(status, message))


@pytest.mark.parametrize("text", [HOSTILE["picture in a path"], HOSTILE["icon"], HOSTILE["bare www"], *BREAKING])
def test_a_status_line_draws_nothing_of_its_message(text: str):
    app = AppTest.from_function(status, kwargs={"message": text}, default_timeout=60).run()
    assert not app.exception
    assert app.info[0].value == plain(text)
    assert app.caption[0].value == f":material/check_circle: {plain(text)}"
    assert app.error[0].value == f"Failed: {plain(text)}"
    assert app.get("progress")[0].proto.text == plain(text)
