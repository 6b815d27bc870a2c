"""The button that writes a report: it writes what it says, offers it, and says what is in its way."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.store import runs
from tests.app.conftest import words
from tests.fixtures import compare_fixtures
from tests.fixtures.report_fixtures import Taken, completed


def _page(*ids: str) -> AppTest:
    """The button alone, for the runs of these ids."""
    imports = "from core.store import runs\nfrom core.ui.common import report_button\n"
    script = f"{imports}report_button.show([runs.get(name) for name in {ids!r}])"
    app = AppTest.from_string(script, default_timeout=120).run()
    assert not app.exception
    return app


def _press(app: AppTest) -> AppTest:
    app.button[0].click().run()
    assert not app.exception
    return app


def _offered(app: AppTest) -> list[str]:
    return [item.proto.label for item in app.get("download_button")]


@pytest.fixture
def ids(faces: Path, own_home: Path) -> list[str]:
    """Two finished runs, without and with wrong_mask."""
    return [
        completed(compare_fixtures.finished_run(faces, compare_fixtures.right, wrong_mask=wrong)).id
        for wrong in (False, True)
    ]


def test_a_report_is_written_and_offered(ids):
    run = runs.get(ids[0])
    app = _page(run.id)
    assert _offered(app) == []
    _press(app)
    assert _offered(app) == ["Report (HTML)", "Model card (Markdown)"]
    shown = Taken((run.folder / "report.html").read_text(encoding="utf-8"))
    assert run.id in shown.text and shown.tags["img"] == 0
    assert f"runs/{run.id}/report.html" in words(app)


def test_photos_are_asked_for(ids):
    app = _page(ids[0])
    app.toggle[0].set_value(True).run()
    _press(app)
    shown = Taken((runs.get(ids[0]).folder / "report.html").read_text(encoding="utf-8"))
    assert shown.tags["img"] > 0 and "photos of people" in shown.text


def test_several_runs_are_one_page_and_a_card_each(ids, own_home):
    app = _press(_page(*ids))
    assert _offered(app)[0] == "Report (HTML)" and len(_offered(app)) == 1 + len(ids)
    (page,) = (own_home / "reports").glob("*.html")
    told = Taken(page.read_text(encoding="utf-8")).text
    assert "2 runs side by side" in told and "too few to compare" in told


def test_what_is_in_the_way_is_a_sentence(ids):
    run = runs.get(ids[0])
    (run.folder / "report.html").mkdir()
    app = _press(_page(run.id))
    assert "can't be written (Is a directory)" in app.error[0].value
    assert _offered(app) == []
    (run.folder / "report.html").rmdir()
    _press(app)
    assert len(_offered(app)) == 2 and not app.error
    (run.folder / "card.md").unlink()
    assert _offered(app.run()) == []
