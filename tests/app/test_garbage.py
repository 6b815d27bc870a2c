"""What stays for good is kept from the garbage collector, and once only."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from core.store.paths import PROJECT
from core.ui.common import garbage


@pytest.fixture(autouse=True)
def _as_before():
    garbage._freeze.cache_clear()
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_imports_are_frozen_once(page, home):
    page("Home.py")
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()
    garbage.pass_over_imports()
    assert gc.get_freeze_count() == 0


# In a process of its own: while another thread collects, asking for it does nothing.
_RING = """
import gc, weakref
from core.ui.common import garbage

class Ring:
    def __init__(self):
        self.own = self

alive = weakref.ref(Ring())
assert alive() is not None, "only the collector takes a ring"
garbage.pass_over_network()
assert alive() is None and gc.get_freeze_count() > 0
"""


def test_garbage_is_collected_before_a_network_is_frozen():
    done = subprocess.run([sys.executable, "-c", _RING], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
