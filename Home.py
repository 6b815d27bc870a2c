"""The front page: what is here, what is at work, and what to do next. Start with `streamlit run Home.py`."""

from __future__ import annotations

from core.store import paths, runs
from core.ui.common import cached_reads
from core.ui.common.page import page
from core.ui.home import front_page
from core.ui.runs import progress
from core.ui.training_form.form import training_form

with page("Mask Lab", "Train a face-mask classifier on your photos, know how far to trust it, and watch it work."):
    front_page.demo_button_pressed()
    training_form()
    all_runs = runs.every()
    found = cached_reads.datasets(str(paths.home()))
    front_page.counts(found, all_runs)
    front_page.next_step(found, all_runs)
    progress.show_active()
    front_page.last_results(all_runs)
