"""Runs side by side: is one better on the same photos, and what does training on wrong_mask gain?"""

from __future__ import annotations

from core.ui.common.page import page
from core.ui.compare import view

with page("Compare", "Which network is better, and what does the third label, wrong_mask, gain?"):
    view.show()
