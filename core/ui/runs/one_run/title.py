"""The head of a run's page: its name, star, tags and note, and the form that changes them."""

from __future__ import annotations

import streamlit as st

from core.evaluation.versions import known
from core.evaluation.wording import version_words
from core.schema.errors import UserError
from core.store import run_notes, runs
from core.store.run_notes import MOST_NAME, MOST_NOTE, MOST_TAGS, Notes
from core.store.runs import Run
from core.text.markup import plain


def show(run: Run) -> None:
    """Name, when, tags and note; the buttons beside them."""
    notes = run.notes()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(run.name), width="content")
        if st.button(
            "Starred" if notes.star else "Star", icon=":material/star:", key="run_star",
            type="secondary" if notes.star else "tertiary", help="Stars find runs again in the table.",
        ):  # fmt: skip
            _write(run, Notes(notes.name, notes.note, notes.tags, not notes.star))
        if st.button("Edit", icon=":material/edit:", type="tertiary", help="Name, tags and note"):
            _ask(run.id)
    try:
        photos = f" · photos from {plain(run.config.dataset)}"
    except UserError:
        photos = ""
    st.caption(f"{run.created:%d %B %Y, %H:%M}{photos}{_version(run)}")
    if notes.tags:
        with st.container(horizontal=True, gap="small"):
            for tag in notes.tags:
                st.badge(plain(tag), color="gray")
    if notes.note:
        st.text(notes.note)


def _version(run: Run) -> str:
    if version := known.of_run(run):
        return f", {version_words.named(version)}"
    return "" if run.state.active else f". {version_words.UNKNOWN}"


@st.dialog("Name, tags and note")
def _ask(run_id: str) -> None:
    run = runs.get(run_id)
    notes = run.notes()
    with st.form("run_notes", border=False, enter_to_submit=False):
        name = st.text_input("Name", notes.name, max_chars=MOST_NAME, placeholder=run.name)
        tags = st.multiselect(
            "Tags", _known_tags(notes), list(notes.tags), accept_new_options=True, max_selections=MOST_TAGS,
            placeholder="Choose or type",
        )  # fmt: skip
        note = st.text_area("Note", notes.note, max_chars=MOST_NOTE)
        saved = st.form_submit_button("Save", type="primary")
    if saved:
        try:
            _write(run, run_notes.tidy(name, note, tags, notes.star))
        except UserError as error:
            st.error(plain(str(error)))


def _known_tags(notes: Notes) -> list[str]:
    return sorted({*notes.tags, *(tag for run in runs.every() for tag in run.notes().tags)})


def _write(run: Run, notes: Notes) -> None:
    try:
        run.write_notes(notes)
    except OSError as error:
        raise UserError(f"The note can't be saved ({error.strerror}): free some space first.") from None
    st.rerun()
