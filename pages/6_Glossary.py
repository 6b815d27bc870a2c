"""Glossary: the terms of all pages and of the command line."""

from core.ui.common.page import page
from core.ui.glossary import view

with page("Glossary", "The terms that pages, reports and the command line use."):
    view.show()
