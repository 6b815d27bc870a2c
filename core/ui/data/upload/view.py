"""Photos uploaded from files, a folder or a ZIP: received on the disk, imported one by one with progress, and what came
of it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.collect.imports.bring_in import Progress, Wanted, bring_in
from core.data.collect.imports.tally import Tally
from core.data.collect.inbox.from_photos import Find
from core.data.collect.staging import place
from core.data.collect.staging.staged import Staged
from core.schema.errors import UserError
from core.schema.labels import MEANINGS, Label
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data import view
from core.ui.data.upload import component, messages, route
from core.ui.data.upload.received import Received

_FROM_FOLDERS, _NONE_YET = "From folders", "None yet: faces into the inbox"
_HELP = (
    "**Labels** come from the nearest folder that is called like one (`mask`, `with_mask`, …); the folder below it is "
    "the person: `mask/anna/1.jpg`. Or choose one label for all. Of photos without a label, each face is cut out and "
    "waits in the inbox, with the guess of your newest network.\n\n**Boxes** of YOLO, Pascal VOC or COCO, or of a CSV "
    "(columns `file`, `label`, `x`, `y`, `width` and `height` in pixels, perhaps `person` and `source`), become crops "
    "of the faces, with their photo as the group.\n\n**A video** of one person (MP4, WebM, MOV or AVI) becomes up to "
    "four pictures a second: those with one face that is clear, and unlike the others."
)
_TELL_SECONDS = 0.1
_PATIENCE = 10
# Lines of a table that a browser shows at once without effort.
_MOST_LINES = 1000
_RECEIVED, _RESULT, _TURN = "upload_received", "upload_result", "upload_turn"
_DRAWN, _PRESSED = "upload_drawn", "upload_pressed"


@dataclass
class _Result:
    """What came of an import into a dataset; `problem` is why it broke off, if not by Stop; `over` is set when nothing
    more is written."""

    folder: Path
    tally: Tally = field(default_factory=Tally)
    finished: bool = False
    problem: str = ""
    over: threading.Event = field(default_factory=threading.Event)


def show(folder: Path) -> None:
    """Upload photos into a dataset, and see what came of it."""
    place.tidy(folder)
    received = _received(folder)
    complete = st.session_state[_DRAWN] = received.complete
    importing = st.session_state.pop(_PRESSED, False) and complete
    _files(folder, importing)
    # All that was said of an import that is done is not said of the next one, but for where its photos came from.
    turn = st.session_state.setdefault(_TURN, 0)
    with st.container(horizontal=True):
        label = st.selectbox(
            "Label", [_FROM_FOLDERS, *Label, _NONE_YET], key=f"upload_label_{turn}", help=_HELP,
            format_func=lambda each: f"{each}: {MEANINGS[each]}" if isinstance(each, Label) else each,
        )  # fmt: skip
        person = st.text_input(
            "Person", key=f"upload_person_{turn}", placeholder="from folders", max_chars=60,
            help="Who is in all of these photos, if it is one person: the split keeps their photos together.",
        )  # fmt: skip
        source = st.text_input(
            "Where from", key="upload_source", placeholder="camera, site or web set", max_chars=200,
            help="May stay empty. A test on photos of a source that no training saw is the strictest.",
        )  # fmt: skip
    st.button("Import", type="primary", icon=":material/upload:", disabled=not complete or importing, on_click=_press)
    if importing:
        wanted = Wanted(label if isinstance(label, Label) else None, person, source)
        _run(received, wanted, label == _NONE_YET)
    result = st.session_state.get(_RESULT)
    if result and result.folder == folder:
        # The page is drawn anew while the import, which it has just stopped, still writes its last photo.
        result.over.wait(_PATIENCE)
        _show(result)


@st.fragment
def _files(folder: Path, importing: bool) -> None:
    """What is chosen and sent: each piece draws this part alone."""
    received = _received(folder)
    told = {
        "folder": str(folder), "answer": received.answer, "known": received.staged.name if received.staged else "",
        "imported": received.imported, "importing": importing, "address": route.address(received),
    }  # fmt: skip
    component.mount(told, partial(_take, folder))
    if received.complete != st.session_state[_DRAWN]:
        st.rerun()


def _take(folder: Path) -> None:
    """The browser has sent something."""
    if message := messages.read(component.message()):
        _received(folder).take(message)


def _received(folder: Path) -> Received:
    """What this session's browser sends for a dataset; another dataset's files stay where they are, and are found
    again."""
    received = st.session_state.get(_RECEIVED)
    if received is None or received.root != folder:
        received = st.session_state[_RECEIVED] = Received(folder)
    return received


def _press() -> None:
    st.session_state[_PRESSED] = True


def _run(received: Received, wanted: Wanted, unlabelled: bool) -> None:
    """Import, as far as it gets: a press on Stop, or anything else that has the page drawn anew, ends it here."""
    result = st.session_state[_RESULT] = _Result(received.root)
    staged = received.staged
    try:
        bar = st.progress(0.0, "Reading the list of files")
        st.button("Stop", icon=":material/stop_circle:", help="What is imported stays. Import again to go on.")
        if unlabelled:
            wanted = replace(wanted, find=_finder())
        if staged:
            bring_in(received.root, staged.batches(), wanted, result.tally, _counting(bar, staged))
        received.finish()
        result.finished = True
        st.session_state[_TURN] += 1
    except UserError as error:
        result.problem = str(error)
    finally:
        result.over.set()
        cached_reads.forget_scan()
    st.rerun()


def _finder() -> Find:
    """Finds faces, with the guess of the newest network. Raises UserError for one that can't be loaded."""
    # torch takes seconds to import.
    from core.inference import unlabelled
    from core.inference.predictor import Predictor

    networks = cached_reads.model_files(starter_first=False)
    with st.spinner("Loading the network"):
        return unlabelled.finder(Predictor(networks[0]) if networks else None)


def _counting(bar: DeltaGenerator, staged: Staged) -> Progress:
    """Move the bar, though not for every photo: a message to the browser takes longer than many photos."""
    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            with suppress(place.BusyError):
                staged.claim()
            bar.progress(min(1.0, done / max(total, 1)), f"Photo {done:,} of {total:,}")

    return count


def _show(result: _Result) -> None:
    words = plain(result.tally.words())
    if result.finished:
        st.success(f"{words}.", icon=":material/check:")
    else:
        why = plain(result.problem) if result.problem else "Stopped. Import again to go on with what is missing."
        st.warning(f"{why}\n\nUntil then: {words}.", icon=":material/error:")
    if result.tally.added:
        st.button("Look at the photos", icon=":material/photo_library:", on_click=view.open_view, args=("Photos",))
    if result.tally.waiting:
        st.button("Label them in the inbox", icon=":material/inbox:", on_click=view.open_view, args=("Inbox",))
    if table := result.tally.table():
        st.dataframe(pd.DataFrame(table[:_MOST_LINES]), width="stretch", hide_index=True)
    if len(table) > _MOST_LINES:
        st.caption(f"The first {_MOST_LINES:,} of {len(table):,} are shown.")
