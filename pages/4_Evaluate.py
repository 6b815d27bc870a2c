"""One network from every side: its test result, any photos, its worst mistakes, its weak spots (?view=)."""

from __future__ import annotations

from core.ui import evaluate_view
from core.ui.page import page

with page("Evaluate", "One network from every side: whether to believe its number, and where not to."):
    evaluate_view.show()
