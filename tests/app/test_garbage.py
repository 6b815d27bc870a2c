"""What stays for good is kept from the garbage collector, and once only."""

from __future__ import annotations

import gc

import pytest

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


def test_garbage_is_collected_before_a_network_is_frozen():
    ring: list = []
    ring.append(ring)
    before = len([one for one in gc.get_objects() if type(one) is list and len(one) == 1 and one[0] is one])
    del ring
    garbage.pass_over_network()
    gc.unfreeze()
    after = len([one for one in gc.get_objects() if type(one) is list and len(one) == 1 and one[0] is one])
    assert after == before - 1
