"""Glossary: the terms of all pages and of the command line."""

from core.ui import glossary
from core.ui.page import page

with page("Glossary", "The terms that pages, reports and the command line use."):
    glossary.show()
