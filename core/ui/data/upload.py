"""Photos uploaded from files, a folder or a ZIP: imported one by one with progress, and what came of it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data.collect.imports import members
from core.data.collect.imports.annotations import SUFFIXES as BESIDE
from core.data.collect.imports.bring_in import Progress, Tally, Wanted, bring_in
from core.data.collect.imports.members import Member
from core.data.images.decode import SUFFIXES
from core.schema.errors import UserError
from core.schema.labels import MEANINGS, Label
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.data import view

# As server.maxUploadSize in .streamlit/config.toml, which holds whatever a widget says.
_MOST_MB = 5000
_FILES, _FOLDER = "Files or a ZIP", "A folder"
_FROM_FOLDERS = "From folders"
_HELP = (
    "**Labels** come from the nearest folder that is called like one (`mask`, `with_mask`, …); the folder below it is "
    "the person: `mask/anna/1.jpg`.\n\n**Boxes** of YOLO, Pascal VOC or COCO, or of a CSV (columns `file`, `label`, "
    "`x`, `y`, `width` and `height` in pixels, perhaps `person` and `source`), become crops of the faces, with their "
    "photo as the group.\n\nWhat is uploaded is held in memory until it is imported: for gigabytes, "
    "`face_mask_detector.py import` reads a ZIP photo by photo."
)
_TELL_SECONDS = 0.1
_PATIENCE = 10
# Lines of a table that a browser shows at once without effort.
_MOST_LINES = 1000
_RESULT, _TURN = "upload_result", "upload_turn"


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
    way = st.segmented_control(
        "What to upload", (_FILES, _FOLDER), default=_FILES, required=True, key="upload_way", help=_HELP
    )
    # All that was said of an import that is done is not said of the next one, but for where its photos came from.
    turn = st.session_state.setdefault(_TURN, 0)
    files = _uploaded(way, turn)
    with st.container(horizontal=True):
        label = st.selectbox(
            "Label", [_FROM_FOLDERS, *Label], key=f"upload_label_{turn}",
            help="Of folders, boxes or a table; or one label for all photos of this upload.",
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
    if st.button("Import", type="primary", icon=":material/upload:", disabled=not files):
        wanted = Wanted(label if isinstance(label, Label) else None, person, source)
        _run(folder, files, wanted)
    result = st.session_state.get(_RESULT)
    if result and result.folder == folder:
        # The page is drawn anew while the import, which it has just stopped, still writes its last photo.
        result.over.wait(_PATIENCE)
        _show(result)


def _uploaded(way: str, turn: int) -> list[UploadedFile]:
    key = f"upload_{way}_{turn}"
    if way == _FOLDER:
        return st.file_uploader(
            "A folder of photos, with its sub-folders", accept_multiple_files="directory", max_upload_size=_MOST_MB,
            key=key,
        )  # fmt: skip
    types = [suffix.removeprefix(".") for suffix in (*SUFFIXES, ".zip", *BESIDE)]
    return st.file_uploader(
        "Photos, or a ZIP with folders of them", types, accept_multiple_files=True, max_upload_size=_MOST_MB, key=key
    )


def _run(folder: Path, files: list[UploadedFile], wanted: Wanted) -> None:
    """Import, as far as it gets: a press on Stop, or anything else that has the page drawn anew, ends it here."""
    result = _Result(folder)
    st.session_state[_RESULT] = result
    try:
        bar = st.progress(0.0, "Reading the list of files")
        st.button("Stop", icon=":material/stop_circle:", help="What is imported stays. Import again to go on.")
        bring_in(folder, _batches(files), wanted, result.tally, _counting(bar))
        result.finished = True
        st.session_state[_TURN] += 1
    except UserError as error:
        result.problem = str(error)
    finally:
        result.over.set()
        cached_reads.forget_scan()
    st.rerun()


def _batches(files: list[UploadedFile]) -> Iterator[list[Member]]:
    """Each ZIP by itself, and all other files together: those may speak of each other. Raises UserError for a ZIP that
    can't be read."""
    packed = [file for file in files if file.name.lower().endswith(".zip")]
    if len(packed) < len(files):
        yield [
            Member(file.name, file.size, partial(_opened, file))
            for file in files if not file.name.lower().endswith(".zip")
        ]  # fmt: skip
    for file in packed:
        yield members.of_zip(_opened(file), file.name)


def _opened(file: UploadedFile) -> io.BytesIO:
    """Its content from the beginning, without a copy of it."""
    return io.BytesIO(file.getvalue())


def _counting(bar: DeltaGenerator) -> Progress:
    """Move the bar, though not for every photo: a message to the browser takes longer than many photos."""
    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            bar.progress(done / max(total, 1), f"Photo {done:,} of {total:,}")

    return count


def _show(result: _Result) -> None:
    words = plain(result.tally.words())
    if result.finished:
        st.success(f"{words}.", icon=":material/check:")
    else:
        why = plain(result.problem) if result.problem else "Stopped. Import again to go on with what is missing."
        st.warning(f"{why}\n\nUntil then: {words}.", icon=":material/error:")
    if result.tally.added:
        st.button("Look at the photos", icon=":material/photo_library:", on_click=view.open_photos)
    if table := result.tally.table():
        st.dataframe(pd.DataFrame(table[:_MOST_LINES]), width="stretch", hide_index=True)
    if len(table) > _MOST_LINES:
        st.caption(f"The first {_MOST_LINES:,} of {len(table):,} are shown.")

