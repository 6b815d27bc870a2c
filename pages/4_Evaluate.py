"""Photos one by one: what a network calls each, whole or cropped to the face, right or wrong where that is known."""

from __future__ import annotations

from core.ui import evaluate_view
from core.ui.page import page

with page("Evaluate", "What does a network call these photos, and how sure is it?"):
    evaluate_view.show()
