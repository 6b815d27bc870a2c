"""Runs side by side: is one better on the same photos, and what does training on wrong_mask gain?"""

from __future__ import annotations

from core.ui import compare_view
from core.ui.page import page

with page("Compare", "Which network is better, and what does the third label, wrong_mask, gain?"):
    compare_view.show()
