"""The dialog that makes a new dataset: a name, two or three labels."""

from __future__ import annotations

import streamlit as st

from core.data.collect import new_dataset
from core.schema.errors import UserError
from core.schema.labels import MEANINGS, SYMBOLS, THREE_CLASSES, TWO_CLASSES
from core.text.markup import plain
from core.ui.training_form import settings


def button(primary: bool) -> None:
    """A button that opens it."""
    if st.button("New dataset", icon=":material/create_new_folder:", type="primary" if primary else "secondary"):
        _ask()


@st.dialog("New dataset")
def _ask() -> None:
    with st.form("new_dataset", border=False):
        name = st.text_input("Name", max_chars=new_dataset.MOST_NAME, placeholder="my_class")
        third = st.toggle("With wrong_mask", value=True, help="A mask under the nose or on the chin, as a third label.")
        made = st.form_submit_button("Make it", type="primary")
    for label in THREE_CLASSES:
        st.caption(f"{SYMBOLS[label]} {label}: {MEANINGS[label]}")
    if made:
        try:
            folder = new_dataset.make(name, THREE_CLASSES if third else TWO_CLASSES)
        except UserError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        settings.choose_dataset(folder)
        st.rerun()
