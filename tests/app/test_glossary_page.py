"""The Glossary: every page's help leads to it, and it shows all terms."""

from __future__ import annotations

import pytest

from core.store.paths import PROJECT
from tests.app.conftest import words


@pytest.mark.parametrize("name", ["Home.py", "1_Data.py", "2_Runs.py", "3_Compare.py", "4_Evaluate.py"])
def test_each_page_s_help_leads_to_it(own_home, page, name):
    assert "[Glossary](Glossary)" in page(name).title[0].proto.help


def test_it_shows_all_terms(own_home, page):
    rows = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    shown = words(page("6_Glossary.py"))
    assert all(row in shown for row in rows if row.startswith("| <a"))
    assert "# Glossary" not in shown, "the page has a title of its own"
