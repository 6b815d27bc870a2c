"""Photos taken with the browser's camera: whose they are, the camera, and what is still missing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.collect import new_dataset, sources
from core.data.dataset import label_folders
from core.schema.errors import UserError
from core.schema.labels import MEANINGS, SYMBOLS, Label
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data.camera import component, messages
from core.ui.data.camera.taken import LEFT, RIGHT, STRAIGHT, Taken

_FIRST_PERSON, _SOURCE = "person-1", "webcam"
# Of each pose, for one person and label: a start, which ten people make a few hundred photos of.
_WANTED = 5
_TIPS = "Not measured, and worth as much: {}another light, another room, with and without glasses."
_OTHER_MASK = "another mask, "


@st.fragment
def show(folder: Path) -> None:
    """Take photos into a dataset. Raises UserError for a folder that is no dataset."""
    taken = _taken()
    own = {label: place for label, place in label_folders.label_folders(folder)}
    people = _people(list(own.values()))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Label", list(own), default=next(iter(own)), required=True, key=f"capture_label:{folder}",
            format_func=lambda label: f"{SYMBOLS[label]} {label}", help=_meanings(list(own)), width="content",
        )  # fmt: skip
        typed = st.selectbox(
            "Person", people or [_FIRST_PERSON], key=f"capture_person:{folder}", accept_new_options=True, width=230,
            help="Choose one, or type a new name. All photos of a person stay in one part of the split.",
        )  # fmt: skip
        source = st.text_input(
            "Where", _SOURCE, max_chars=sources.MOST_NAME, key="capture_source", width=180,
            help="Noted in sources.csv: another camera or place is another source.",
        )  # fmt: skip
    person, problem = _person(typed)
    if problem:
        st.warning(plain(problem), icon=":material/error:")
    place = own[label] / person if person else None
    hints = _hints(taken.poses.get((str(folder), label, person)))
    component.mount(
        {
            "folder": str(folder), "label": label, "person": person, "source": source, "problem": problem,
            "answers": taken.answers, "total": _count(place), "hints": hints,
            "tips": _TIPS.format(_OTHER_MASK if label.row.worn else ""),
        },
        _received,
    )  # fmt: skip


def _received() -> None:
    """The camera has sent something."""
    if message := messages.read(component.message()):
        _taken().answer(message)
        cached_reads.forget_scan()


def _taken() -> Taken:
    taken: Taken = st.session_state.setdefault("capture_taken", Taken())
    return taken


def _person(typed: str | None) -> tuple[str, str]:
    """The name of the person's folder, and why it can't be one."""
    try:
        return new_dataset.folder_name(typed or ""), ""
    except UserError as error:
        return "", f"Whose photos are these? {error}"


def _people(folders: list[Path]) -> list[str]:
    names = (item.name for folder in folders for item in folder.iterdir() if item.is_dir())
    return sorted({name for name in names if not name.startswith(".")})


def _count(place: Path | None) -> int:
    """Files in a person's folder, which need not be there yet."""
    if place is None or not place.is_dir():
        return 0
    return sum(not item.name.startswith(".") for item in place.iterdir())


def _hints(poses: Counter[str] | None) -> list[dict[str, Any]]:
    """How many of each pose were kept in this session, against how many a person should have."""
    found = poses or Counter()
    return [
        {"done": found[pose] >= _WANTED, "text": f"{pose}: {found[pose]} taken now, {_WANTED} wanted"}
        for pose in (STRAIGHT, LEFT, RIGHT)
    ]


def _meanings(known: list[Label]) -> str:
    return "  \n".join(f"{SYMBOLS[label]} {label}: {MEANINGS[label]}" for label in known)
