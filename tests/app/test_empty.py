"""With nothing at all, every page opens and says what to do next."""

from __future__ import annotations

import pytest

from tests.app.conftest import words


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("1_Data.py", "Make a new dataset"),
        ("2_Runs.py", "No run yet"),
        ("3_Compare.py", "Nothing to compare yet"),
        ("4_Evaluate.py", "test photos of"),
    ],
)
def test_empty_page_says_what_to_do(page, name, says):
    app = page(name)
    assert says in words(app)
    assert not app.error


def test_reference_rows_are_shown_and_marked(page):
    app = page("3_Compare.py")
    table = app.dataframe[-1].value
    assert len(table) == 16
    assert table.iloc[0].test == 98.0
    assert table.tail(4).test.isna().all()
    assert "not measured here" in words(app)


def test_home_without_photos_can_not_train(page):
    app = page()
    assert next(button for button in app.sidebar.button if button.label == "Train").disabled


def test_home_without_photos_says_how_to_get_some(page):
    app = page()
    assert "Take or upload photos" in {link.proto.label for link in app.get("page_link")}
    assert "Use drawn demo faces" in {button.label for button in app.button}
