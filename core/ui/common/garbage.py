"""Streamlit collects garbage after every run of a script or fragment, which looks through all that was ever imported:
285 ms per run once torch is there. What stays for good is frozen, which the collector passes over."""

from __future__ import annotations

import gc
import sys
from functools import cache


def pass_over_imports() -> None:
    """Freeze what is there now, once for each hundred of modules: what is garbage at that moment stays for good."""
    _freeze(len(sys.modules) // 100)


@cache
def _freeze(hundreds: int) -> None:
    gc.freeze()


def pass_over_network() -> None:
    """Freeze what is there now, after a network was loaded; what is garbage is collected first."""
    gc.collect()
    gc.freeze()
