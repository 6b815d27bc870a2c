"""One network from every side: its test result, any photos, its worst mistakes, its weak spots (?view=)."""

from __future__ import annotations

from core.ui.common.page import page
from core.ui.evaluate import view

with page("Evaluate", "One network from every side: whether to believe its number, and where not to."):
    view.show()
