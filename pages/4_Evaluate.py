"""One network from every side: its test result, any photos, its worst mistakes, its weak spots (?view=)."""

from __future__ import annotations

from core.ui.common.page import page

with page("Evaluate", "One network from every side: whether to believe its number, and where not to."):
    # The title is there at once, also on a fresh server, which imports the rest for a second or two.
    from core.ui.evaluate import view

    view.show()
