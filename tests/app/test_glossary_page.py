"""The Glossary: every page's help leads to it, it shows all terms, and finds some."""

from __future__ import annotations

import re

import pytest

from core.store.paths import PROJECT
from tests.app.conftest import words


@pytest.mark.parametrize("name", ["Home.py", "3_Compare.py"])
def test_a_page_s_help_leads_to_it(own_home, page, name):
    assert "[Glossary](Glossary)" in page(name).title[0].proto.help


def test_it_shows_all_terms(own_home, page):
    rows = re.findall(r"</a>(.+?) \| (.+?) \| ", (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    shown = words(page("6_Glossary.py"))
    assert len(rows) > 50 and all(f"**{term}**" in shown and meaning in shown for term, meaning in rows)
    assert "# Glossary" not in shown, "the page has a title of its own"


def test_a_search_leaves_what_holds_it(own_home, page):
    app = page("6_Glossary.py")
    app.text_input[0].set_value("Temperature").run()
    assert "**temperature**" in words(app) and "**momentum**" not in words(app)
    app.text_input[0].set_value("<b>x</b>").run()
    assert "No term here holds" in app.info[0].value and "<b>" not in app.info[0].value
