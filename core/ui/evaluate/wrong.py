"""Evaluate's "This is wrong": the face of a photo from elsewhere goes into an inbox; a photo that is in a dataset
already is relabelled there."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from core.data.collect import face_crop
from core.data.faces.detector import FaceFinder
from core.store import paths
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.common.page import go_to
from core.ui.corrections import ask
from core.ui.corrections.ask import Face
from core.ui.training_form import settings

if TYPE_CHECKING:
    # Backends take a second to import.
    from core.inference.predictor import Predictor, Reading

_SOURCE = "evaluate"
_DATA = "pages/1_Data.py"
_QUALITY = 95


def from_elsewhere(
    image: Callable[[], Image.Image], group: Callable[[], str], reading: Reading, predictor: Predictor
) -> Callable[[], None]:
    """What draws the question about an answer to (a face of) a photo that is in no dataset; `image` decodes it, and
    `group` names what stays together with it. Nothing is decoded before a label is pressed."""

    def draw() -> None:
        # The group is part of the content's name: it is worked out where somebody looks at one photo, not for each.
        face = Face.of(partial(_jpeg, image, reading), f"{_SOURCE}-{group()}", _SOURCE, reading, predictor)
        ask.news()
        with st.expander("This is wrong", icon=":material/flag:"):
            ask.show(face, "evaluate_wrong")

    return draw


def in_dataset(folder: Path, file: str) -> Callable[[], None]:
    """What draws the way to relabel a photo of a dataset."""

    def draw() -> None:
        with st.expander("This is wrong", icon=":material/flag:"):
            st.markdown(
                f"This photo is in {plain(folder.name)} already, so no copy is kept. If its own label is wrong, "
                f"relabel it in the grid: {plain(file)}"
            )
            if st.button("Open the grid", icon=":material/grid_view:", key="evaluate_wrong_grid"):
                settings.choose_dataset(folder)
                go_to(_DATA, {}, "Data")

    return draw


def is_ours(folder: Path) -> bool:
    """Whether a folder is one of the datasets that the pages offer."""
    return folder.resolve() in {each.resolve() for each in cached_reads.datasets(str(paths.home()))}


def _jpeg(image: Callable[[], Image.Image], reading: Reading) -> bytes:
    """The face that the network saw; of a photo that it saw whole its largest face, or all of it where none is found,
    as in a close crop. Raises PhotoError."""
    whole = image()
    rgb = np.asarray(whole)
    box = reading.box
    if box is None:
        faces = FaceFinder().find(rgb)
        box = faces[0].box if faces else None
    if box is not None:
        return face_crop.jpeg(rgb, box)
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
