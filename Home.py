"""The front page: the webcam, what is here, what is at work, and results. app.py serves it."""

from __future__ import annotations

from core.ui.common.page import page
from core.ui.home import demo, front_page
from core.ui.training_form.form import training_form

with page("Mask Lab", "Train face-mask classifiers, and know how far to trust them."):
    demo.make_if_pressed()
    front_page.show(training_form())
