"""The dialog that forgets a person: what there is of them, asked once more, and which networks learnt from them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.schema.errors import UserError
from core.text.markup import plain
from core.training.lifecycle import forget_person
from core.training.lifecycle.forget_person import Traces
from core.ui.common import cached_reads
from core.ui.runs import confirm


def button(folder: Path) -> None:
    """A button that opens it; nothing where photos are not told apart by person."""
    if forget_person.people(folder) and st.button("Forget a person", icon=":material/person_remove:"):
        _ask(folder)


@st.dialog("Forget a person")
def _ask(folder: Path) -> None:
    try:
        people = forget_person.people(folder)
        person = st.selectbox("Person", people, index=None, placeholder="Choose", key="forget_who")
        if not person:
            st.caption(
                "Deletes their photos from this dataset, its inbox and its bin, and everything that was made of them."
            )
            return
        traces = forget_person.find(folder, person)
        st.markdown(f"{_photos(traces)} will be deleted. {_rows(traces)}**This can't be undone.**")
        _learnt(traces)
        if confirm.buttons("Forget"):
            _report(forget_person.forget(folder, person))
            cached_reads.forget_scan()
    except UserError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _photos(traces: Traces) -> str:
    count = len(traces.files)
    pictures = f", and the pictures in {len(traces.runs)} run(s) that may show them" if traces.runs else ""
    return f"{count} file{'s' * (count != 1)} of **{plain(traces.person)}**{pictures}"


def _rows(traces: Traces) -> str:
    """What becomes of versions that name them."""
    runs = len(traces.versions)
    many = f"{runs} run{'s were' if runs > 1 else ' was'}"
    return f"So are the rows about them in the versions of the photos that {many} given. " if runs else ""


def _learnt(traces: Traces) -> None:
    if traces.models:
        names = "".join(f"\n- {plain(name)}" for name in traces.models)
        st.warning(f"These networks have learnt from them, and stay until you delete them:{names}")


def _report(done: Traces) -> None:
    st.success(
        f"{_photos(done)} deleted, with all cached photos and features. Reports that were written with photos, and "
        "copies made elsewhere, are yours to delete.",
        icon=":material/check:",
    )
