"""Evaluate's view of photos: where they come from, how they are cropped, and the grid of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.charts.matrix import confusion
from core.data.collect import keep_photo
from core.data.dataset.scan import Photo, Scan
from core.data.faces.detector import FaceFinder, crop
from core.data.images.decode import PhotoError, decode, decode_bytes
from core.evaluation.one_run import bootstrap
from core.evaluation.one_run.metrics import summarise
from core.inference.predictor import Predictor, Reading, read_whole
from core.live.media.video import read_still
from core.schema.labels import Label
from core.store.files.file_cache import Recent
from core.text.markup import plain
from core.text.numbers import percent
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.common.parts import chart
from core.ui.common.photo_detail import Prediction
from core.ui.evaluate import framing, photo_grid, wrong
from core.ui.evaluate.photo_grid import Card
from core.ui.evaluate.subject import Subject
from core.ui.training_form import settings

_WHOLE, _FACE, _BOTH = "Whole photo", "Cropped to the face", "Both"
_UPLOAD, _FOLDER = "Upload photos", "From a folder"
_MOST = 60
# Large photos are reduced to this shorter side or a little more: as much as any face needs that is found in them.
_SIDE = 1280


@dataclass(frozen=True)
class Item:
    """A photo to classify; `label` is what it is known to show and `group` the photo, person or burst it belongs to,
    where that is known. `key` tells its content from others'; `image` decodes it, and raises PhotoError. `folder` is
    the dataset of ours that it is in; of another one `kept_as` names what stays together with it, by content."""

    name: str
    key: str
    image: Callable[[], Image.Image]
    kept_as: Callable[[], str]
    label: Label | None = None
    group: str = ""
    folder: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What the network said of (a face of) a photo; `thumbnail` is the part it saw, a small square."""

    item: Item
    thumbnail: bytes
    reading: Reading
    note: str

    def seen(self) -> Image.Image:
        """That part as the network saw it, decoded again. Raises PhotoError."""
        image = self.item.image()
        return crop(np.asarray(image), self.reading.box) if self.reading.box else image


def show(subject: Subject) -> None:
    """Choose photos and see the network's answers."""
    left, right = st.columns(2)
    source = left.segmented_control(
        "Photos from", [_UPLOAD, _FOLDER], default=_UPLOAD, required=True, key="eval_from"
    )
    # Only labelled photos can say which is better.
    ways = [_WHOLE, _FACE] if source == _UPLOAD else [_WHOLE, _FACE, _BOTH]
    view = right.segmented_control(
        "What the network sees", ways, default=_WHOLE, required=True, key="eval_as",
        help="Networks learn from faces: a whole scene is unlike what they know.",
    )  # fmt: skip
    if view == _BOTH:
        if folder := pick_dataset(settings.key(settings.DATASET)):
            framing.show(folder, subject.predictor())
        return
    items, refused = _uploaded() if source == _UPLOAD else (_from_folder(), [])
    if not items:
        subject.picked.begin()
        return
    predictor, outcomes = subject.predictor(), []
    for item, answer in zip(items, _answers(items, predictor, view == _FACE), strict=True):
        if isinstance(answer, str):
            refused.append((item.name, answer))
        else:
            # Another photo, or one with another label by now, may have the same content.
            outcomes += [replace(outcome, item=item) for outcome in answer]
    if refused:
        st.warning("Left out: " + plain("; ".join(f"{name}: {reason}" for name, reason in refused[:10])))
    if outcomes:
        _summary(outcomes, predictor)
        photo_grid.show([_card(outcome, predictor) for outcome in outcomes], subject)


def _uploaded() -> tuple[list[Item], list[tuple[str, str]]]:
    files = st.file_uploader(
        "Photos", ["jpg", "jpeg", "png", "webp", "bmp"], accept_multiple_files=True, max_upload_size=40,
        help=f"Up to {_MOST} photos; nothing is stored but the faces that you say are wrong.",
    )  # fmt: skip
    items = [
        Item(file.name, file.file_id, partial(_decoded, file), partial(_content, file)) for file in files[:_MOST]
    ]
    return items, [(file.name, f"more than {_MOST} photos at once") for file in files[_MOST:]]


def _decoded(upload: UploadedFile) -> Image.Image:
    return decode_bytes(upload.getvalue(), _SIDE)


def _content(upload: UploadedFile) -> str:
    return keep_photo.digest(upload.getvalue())


def _from_folder() -> list[Item]:
    folder = pick_dataset(settings.key(settings.DATASET))
    if folder is None:
        return []
    scan = cached_reads.scan(folder)
    left, right = st.columns(2)
    labels = left.multiselect("Labels", list(scan.labels), default=list(scan.labels), key="eval_labels")
    count = right.slider("How many photos", 4, _MOST, 16, 4, key="eval_count")
    seed = st.session_state.setdefault("eval_seed", 0)
    if st.button("Draw others", icon=":material/shuffle:"):
        st.session_state["eval_seed"] = seed = seed + 1
    photos = [photo for photo in scan.photos if photo.label in labels]
    chosen = np.random.default_rng(seed).permutation(len(photos))[:count]
    st.caption("Drawn from all photos, those in training too: for a number to believe, see the run's test photos.")
    groups = cached_reads.groups(scan).of
    own = folder if wrong.is_ours(folder) else None

    def item(photo: Photo) -> Item:
        return Item(
            photo.file, photo.digest, lambda: decode(folder / photo.file, _SIDE),
            partial(_first_of, groups[photo.file], scan, groups), photo.label, groups[photo.file], own,
        )  # fmt: skip

    return [item(photos[index]) for index in chosen]


def _first_of(group: str, scan: Scan, groups: Mapping[str, str]) -> str:
    """The content of a group's first photo, by which runs know what they have seen (seen.csv)."""
    return next(photo.digest for photo in scan.photos if groups[photo.file] == group)


def _answers(items: list[Item], predictor: Predictor, cropped: bool) -> list[list[Outcome] | str]:
    """What the network says of each photo, or why it can't be decoded. Each is decoded once and let go: this session
    keeps the answers and thumbnails of the last few, which every click on the page needs again."""
    kept = st.session_state.get("eval_answers")
    if kept is None or kept[0] is not predictor or kept[1] != cropped:
        kept = st.session_state["eval_answers"] = (predictor, cropped, Recent[list[Outcome] | str](_MOST))
    known: dict[str, Any] = {item.key: kept[2].get(item.key) for item in items}
    if new := [item for item in items if known[item.key] is None]:
        finder = FaceFinder() if cropped else None
        with st.spinner(f"Classifying {len(new)} photo(s)"):
            for item in new:
                known[item.key] = _answer(item, predictor, finder)
                kept[2].put(item.key, known[item.key])
    return [known[item.key] for item in items]


def _answer(item: Item, predictor: Predictor, finder: FaceFinder | None) -> list[Outcome] | str:
    try:
        image = item.image()
    except PhotoError as error:
        return str(error)
    rgb = np.asarray(image)
    readings = read_still(rgb, finder, predictor) if finder else [read_whole(image, predictor)]
    return [_outcome(item, image, rgb, reading, finder is not None) for reading in readings]


def _outcome(item: Item, image: Image.Image, rgb: np.ndarray, reading: Reading, cropped: bool) -> Outcome:
    notes = ["no face: whole photo"] * (cropped and not reading.box) + ["unsure"] * reading.unsure
    square = photo_grid.square(crop(rgb, reading.box) if reading.box else image)
    return Outcome(item, square, reading, ", ".join(notes))


def _summary(outcomes: list[Outcome], predictor: Predictor) -> None:
    # A crowd's label says nothing of each face in it: only one answer a photo can be right or wrong.
    faces = pd.Series([outcome.item.name for outcome in outcomes]).value_counts()
    known = [
        outcome for outcome in outcomes
        if outcome.item.label in predictor.labels and faces[outcome.item.name] == 1
    ]  # fmt: skip
    strange = {o.item.label for o in outcomes if o.item.label and o.item.label not in predictor.labels}
    if strange:
        st.caption(f"This network does not know {', '.join(sorted(strange))}: those photos are not counted.")
    if not known:
        return
    labels = [o.item.label for o in known if o.item.label]
    numbers = summarise(labels, [o.reading.label for o in known], predictor.labels)
    right = np.array([o.item.label == o.reading.label for o in known])
    low, high = bootstrap.share(right, np.array([o.item.group for o in known])).interval
    st.markdown(
        f"**{round(numbers.accuracy * numbers.n)} of {numbers.n}** right ({percent(numbers.accuracy)}, "
        f"95 % interval {percent(low)} to {percent(high)})."
    )
    with st.expander("Confusion matrix"):
        chart(confusion(numbers.confusion, numbers.classes), "eval_confusion")


def _card(outcome: Outcome, predictor: Predictor) -> Card:
    reading, item = outcome.reading, outcome.item
    offer = (
        wrong.in_dataset(item.folder, item.name) if item.folder
        else wrong.from_elsewhere(item.image, item.kept_as, reading, predictor)
    )  # fmt: skip
    prediction = Prediction(item.name, outcome.seen, reading.probabilities, item.label, reading.passes, offer)
    return Card(lambda: outcome.thumbnail, prediction, outcome.note or item.name.rsplit("/", 1)[-1])
