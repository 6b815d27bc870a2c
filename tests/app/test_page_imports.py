"""What each page imports: a fresh server's first page must not wait for torch, scikit-learn or scipy.stats."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.inference.predictor import Predictor
from core.store import runs
from core.store.paths import PROJECT, STARTER_FILE
from core.ui.evaluate import links

HEAVY = {"torch", "torchvision", "sklearn", "scipy.stats", "statsmodels", "cleanlab"}
OPEN = """
import json, os, sys
import psutil
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("Home.py", default_timeout=120)
page, query = sys.argv[1], json.loads(sys.argv[2])
if page == "5_Live.py":
    # AppTest has no browser for the player.
    from types import SimpleNamespace
    import streamlit_webrtc
    from core.ui.live import view as live
    state = SimpleNamespace(playing=False, signalling=False)
    streamlit_webrtc.webrtc_streamer = lambda **asked: SimpleNamespace(state=state)
    live.mend = lambda: None
if page != "Home.py":
    app.switch_page(f"pages/{page}")
for key, value in query.items():
    app.query_params[key] = value
app.run()
while any("The network is being loaded" in item.value for item in app.caption):
    app.run()
assert not app.exception, app.exception[0].message
print(json.dumps([[item.value for item in app.title], sorted(sys.modules)]), flush=True)
# The estimate that the form has asked for goes on in a process, which nobody here waits for.
for child in psutil.Process().children(recursive=True):
    child.kill()
os._exit(0)
"""


@pytest.mark.parametrize(
    ("page", "run"),
    [("Home.py", False), ("1_Data.py", False), ("2_Runs.py", False), ("2_Runs.py", True), ("3_Compare.py", False),
     ("6_Glossary.py", False)],
)
def test_no_page_waits_for_what_trains_and_measures(home, page, run):
    assert not HEAVY & imported(page, {"run": runs.every()[0].id} if run else {})


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("5_Live.py", {"live_model": "starter"}),
        ("4_Evaluate.py", {"evaluate_model": "starter"}),
        ("4_Evaluate.py", {"evaluate_model": "starter", "view": links.PHOTOS}),
    ],
)
def test_a_network_that_was_loaded_before_needs_none_of_it(home, page, query):
    first = Predictor(STARTER_FILE)
    assert "torch" not in first.runtime.name
    assert not HEAVY & imported(page, query)


@pytest.mark.parametrize("view", [links.RESULT, links.WRONG, links.SLICES, links.PHOTOS])
def test_evaluate_shows_numbers_of_a_network_that_was_never_loaded(home, view):
    model = next(run.report().model for run in runs.every()).removesuffix(".pth")
    assert not HEAVY & imported("4_Evaluate.py", {"evaluate_model": model, "view": view})


def imported(page: str, query: dict[str, str]) -> set[str]:
    """What there is after a process has drawn its first page."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, page, json.dumps(query)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    titles, modules = json.loads(done.stdout.splitlines()[-1])
    assert titles, "the page was drawn"
    return set(modules)
