"""The front page: the webcam, what is here, what is at work, and results. Start with `streamlit run Home.py`, which
imports this file for the `app` with its address for uploads beside the pages, and then runs it for each visit."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui.data.upload import route

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App("Home.py", routes=route.routes())
else:
    # Not for the server: what pages keep in memory is warned of where no page runs.
    from core.ui.common.page import page
    from core.ui.home import demo, front_page
    from core.ui.training_form.form import training_form

    with page("Mask Lab", "Train face-mask classifiers, and know how far to trust them."):
        demo.make_if_pressed()
        front_page.show(training_form())
