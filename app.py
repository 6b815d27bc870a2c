"""What the server serves: the pages, and the address to which uploads are sent. Start with `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from core.ui.data.upload import route

app = st.App("Home.py", routes=route.routes())
