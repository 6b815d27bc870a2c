"""Every page and view of the app by its address, for what opens all of them in a browser."""

from __future__ import annotations

from urllib.parse import quote

from core.store.runs import Run
from core.ui.evaluate import links

_VIEWS = (links.RESULT, links.PHOTOS, links.WRONG, links.SLICES, links.STRESS)
# Name: path and query below the server's address, of a home that has two finished runs.
PATHS = {
    "Home": "",
    "Data": "Data",
    "Runs": "Runs",
    "A run": "Runs?run={newest}",
    **{f"A run: {tab.lower()}": f"Runs?run={{newest}}&tab={tab}" for tab in ("Curves", "Network", "Settings")},
    "Compare": "Compare?runs={newest},{other}",
    **{f"Evaluate: {view.lower()}": f"Evaluate?evaluate_model={{model}}&view={quote(view)}" for view in _VIEWS},
    "Live": "Live?live_model={model}",
    "Glossary": "Glossary",
}


def address(name: str, newest: Run, other: Run) -> str:
    """The page's path and query for these two runs."""
    report = newest.report()
    assert report
    return PATHS[name].format(newest=newest.id, other=other.id, model=quote(report.model.removesuffix(".pth")))
