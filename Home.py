"""The front page: what is here, what is at work, and what to do next. Start with `streamlit run Home.py`."""

from __future__ import annotations

from core import paths, runs
from core.ui import home, progress, store
from core.ui.form import training_form
from core.ui.page import page

with page("Mask Lab", "Train a face-mask classifier on your photos, know how far to trust it, and watch it work."):
    home.demo_button_pressed()
    training_form()
    all_runs = runs.every()
    found = store.datasets(str(paths.home()))
    home.counts(found, all_runs)
    home.next_step(found, all_runs)
    progress.show_active()
    home.last_results(all_runs)
