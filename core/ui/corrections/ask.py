"""Ask which label is right, and in which dataset's inbox the face is kept. Nothing is kept before somebody has said
so."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.data.collect.inbox import crops
from core.data.collect.inbox.table import Note
from core.data.dataset import label_folders
from core.schema.errors import UserError
from core.schema.labels import SYMBOLS, Label
from core.store import paths, runs
from core.text.markup import plain
from core.ui.common import cached_reads

if TYPE_CHECKING:
    # Backends take a second to import.
    from core.inference.predictor import Predictor, Reading

_NEWS = "correction_news"


@dataclass(frozen=True)
class Face:
    """A face with an answer: `jpeg` cuts it out of its picture, and may raise PhotoError or OSError; faces of one
    `group` (a person who was followed, a photo) stay together; `source` says where it comes from; `network` is the file
    name and `run` the id of what gave the answer."""

    jpeg: Callable[[], bytes]
    group: str
    source: str
    reading: Reading
    network: str
    run: str

    @classmethod
    def of(cls, jpeg: Callable[[], bytes], group: str, source: str, reading: Reading, predictor: Predictor) -> Face:
        """A face whose answer a loaded network gave."""
        return cls(jpeg, group, source, reading, predictor.path.name, predictor.info.run)

    def note(self, label: Label | None) -> Note:
        """What is written about it in an inbox; `label` is what a person said."""
        return Note(label, self.reading.label, self.reading.probabilities, self.network)


def show(face: Face, key: str, then: Callable[[], None] = lambda: None) -> None:
    """The question: a dataset, and a button per label; `then` is called once one was pressed. `key` tells it from
    others on the page."""
    folders = datasets(face.run)
    if not folders:
        st.markdown("There is no dataset to keep it in: make one on the Data page first.")
        return
    folder = folders[0]
    if len(folders) > 1:
        names = {str(each): "/".join(each.parts[-2:]) for each in folders}
        chosen = st.selectbox("Dataset", list(names), format_func=names.__getitem__, key=f"{key}_dataset")
        folder = Path(chosen)
    st.markdown("Which label is right?")
    with st.container(horizontal=True, gap="small"):
        for label in label_folders.labels_of(folder):
            st.button(
                f"{SYMBOLS[label]} {label}", key=f"{key}_{label}", on_click=_keep, args=(face, folder, label, then)
            )
    st.caption(f"Only when you press a label is a picture kept: this face, in the inbox of {plain(folder.name)}.")


def news() -> None:
    """Say once, in passing, where a face was kept or why it was not."""
    if told := st.session_state.pop(_NEWS, None):
        text, good = told
        st.toast(plain(text), icon=":material/inbox:" if good else ":material/error:", duration="long")


def datasets(run: str) -> list[Path]:
    """The offered datasets whose folder can be written: first the one that the run's network was trained on."""
    found = []
    for folder in cached_reads.datasets(str(paths.home())):
        # A link among the folders that are offered may lead anywhere.
        with suppress(UserError):
            if os.access(inside := paths.under_allowed_root(str(folder)), os.W_OK):
                found.append(inside)
    trained = _trained_on(run)
    return sorted(found, key=lambda folder: folder != trained)


def _trained_on(run: str) -> Path | None:
    try:
        return runs.get(run).config.folder.resolve()
    except (UserError, OSError):
        return None


def _keep(face: Face, folder: Path, label: Label, then: Callable[[], None]) -> None:
    """A button's callback."""
    try:
        crops.keep(folder, face.jpeg(), face.group, face.source, face.note(label))
        told = f"Kept in the inbox of {folder.name} as {SYMBOLS[label]} {label}. See Data, Inbox.", True
    except (UserError, OSError) as error:
        told = f"Not kept: {error}", False
    st.session_state[_NEWS] = told
    then()
