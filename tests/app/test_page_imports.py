"""What each page imports: a fresh server's first page must not wait for torch, scikit-learn or scipy.stats."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core import runs
from core.paths import PROJECT

HEAVY = {"torch", "torchvision", "sklearn", "scipy.stats", "statsmodels", "cleanlab"}
OPEN = """
import json, os, sys
import psutil
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("Home.py", default_timeout=120)
page, query = sys.argv[1], json.loads(sys.argv[2])
if page != "Home.py":
    app.switch_page(f"pages/{page}")
for key, value in query.items():
    app.query_params[key] = value
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
    [("Home.py", False), ("1_Data.py", False), ("2_Runs.py", False), ("2_Runs.py", True), ("3_Compare.py", False)],
)
def test_no_page_waits_for_what_trains_and_measures(home, page, run):
    query = {"run": runs.every()[0].id} if run else {}
    done = subprocess.run(
        [sys.executable, "-c", OPEN, page, json.dumps(query)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    titles, modules = json.loads(done.stdout.splitlines()[-1])
    assert titles, "the page was drawn"
    assert not HEAVY & set(modules)
