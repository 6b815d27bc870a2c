"""The Data page's parts: overview, the grid of photos, unreadable files, groups and the split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.data import label_counts, sizes
from core.data.collect.photo_list import Item
from core.data.dataset import label_decisions
from core.data.dataset import split as splits
from core.data.dataset.scan import EXCLUDED, Photo, Refused, Scan
from core.data.images.decode import PhotoError, decode
from core.evaluation.by_source.parts import Spread
from core.evaluation.wording import by_source_words
from core.schema.errors import UserError
from core.schema.labels import MEANINGS, Label
from core.schema.train_config import TrainConfig
from core.text.markup import plain
from core.text.numbers import percent
from core.ui.common import cached_reads
from core.ui.common.page import numbers
from core.ui.common.parts import chart, part
from core.ui.data import forget, health
from core.ui.data.grid import view as grid
from core.ui.training_form import settings

# Eight square thumbnails fit side by side on a small laptop, three on a phone.
_GRID, _HIGH = 8, 96
_TURN, _ASKED = "data_view_turn", "data_view_asked"


def chosen(folder: Path) -> str:
    """The key of the control that says which of the page's views of a dataset is open."""
    return f"data_view:{folder}:{st.session_state.get(_TURN, 0)}"


def first(has_photos: bool) -> str:
    """The view that is open at first: of an empty dataset what comes next, or the one that was asked for."""
    return st.session_state.get(_ASKED) or ("Photos" if has_photos else "Add photos")


def open_view(name: str) -> None:
    """A widget's callback: open a view of this dataset. Another control takes the place of the one that says which is
    open; a value in the session would also count where the browser comes back to a server that was restarted, and close
    a camera whose pictures are still on their way."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state[_ASKED] = name


def show(folder: Path) -> None:
    """Everything about one dataset's photos."""
    scan = cached_reads.scan(folder)
    if not scan.photos:
        st.info("No photos yet: add some, or copy them into the dataset's folders.", icon=":material/add_a_photo:")
        if scan.refused:
            _unreadable_files(scan)
        # Of faces that wait in its inbox, too.
        forget.button(folder)
        return
    groups = cached_reads.groups(scan)
    # Its numbers follow what is done in the grid, which alone is drawn anew then.
    numbers_place = st.empty()
    unread = f"Unreadable files ({len(_unreadable(scan))})"
    photos, split, unreadable, together, healthy = st.tabs(
        ["Grid", "Split", unread, "Groups and sizes", health.title(scan)]
    )
    with photos:
        reasons = {item.file: item.reason for item in _unreadable(scan)}
        grid.show(scan.root, reasons, lambda items: _overview(numbers_place, scan, groups, items))
    with split:
        _split(scan)
    with unreadable:
        _unreadable_files(scan)
    with together:
        _groups(scan, groups)
        forget.button(folder)
    with healthy, part():
        health.show(scan)


def _overview(place: DeltaGenerator, scan: Scan, groups: splits.Groups, items: Sequence[Item]) -> None:
    with place.container():
        _numbers(scan, groups, items)


def _numbers(scan: Scan, groups: splits.Groups, items: Sequence[Item]) -> None:
    counts = Counter(item.label for item in items if item.choice != "exclude")
    numbers(
        *((str(label), f"{counts[label]:,}", MEANINGS[label]) for label in Label if counts[label]),
        ("Groups", f"{len(set(groups.of.values())):,}", "Photos of one person, photo or burst are one group."),
        ("Unreadable files", len(_unreadable(scan))),
    )
    decided = Counter(item.choice for item in items if item.choice)
    if decided:
        st.caption(
            f"By hand, in {label_decisions.FILE}: {decided['relabel']} relabelled, {decided['exclude']} excluded, "
            f"{decided['keep']} kept as they are. See Label issues."
        )
    if not scan.says_groups:
        st.warning(
            "Nothing here says which photos show the same person or burst, so only near-duplicates are kept together. "
            "If the same people are in training and test, the test accuracy will be **too high** for strangers. Put "
            "photos in one folder per person below each label, or add a groups.csv (columns file, group).",
            icon=":material/group_off:",
        )


def _pictures(root: Path, photos: list[Photo]) -> None:
    # Rows of thumbnails that wrap on a phone, where columns would stack into a long tower.
    with st.container(horizontal=True, gap="small"):
        for photo in photos:
            try:
                image = decode(root / photo.file, wanted_side=128)
            except PhotoError:
                continue
            image.thumbnail((220, _HIGH))
            st.image(image, width=max(40, image.width), alt=f"A photo labelled {photo.label}")


def _split(scan: Scan) -> None:
    first, second = settings.value("split", (70, 90))
    shares = (first / 100, (second - first) / 100, (100 - second) / 100)
    seed = int(settings.value("seed", 0))
    try:
        counts = cached_reads.split_counts(scan, shares, seed)
    except UserError as error:
        st.error(plain(str(error)))
        return
    chart(label_counts(counts), "split_chart")
    table = {splits.PART_NAMES[part]: {str(label): own[label] for label in scan.labels} for part, own in counts.items()}
    with st.expander("As a table"):
        st.dataframe(pd.DataFrame(table).T, width="stretch")
    with part():
        _sources(cached_reads.split_by_source(scan, shares, seed))
    st.caption(
        f"Shares {percent(shares[0], 0)}, {percent(shares[1], 0)} and {percent(shares[2], 0)} and seed {seed}, as the "
        "form on Home has them. Photos of one group are always in the same part."
    )


def _sources(found: Sequence[Spread]) -> None:
    """The split of each source and label; nothing where all photos are of one source."""
    if found:
        with st.expander("By source", icon=":material/category:"):
            rows = [(one.source, str(one.label), *one.parts.values()) for one in found]
            table = pd.DataFrame(rows, columns=list(by_source_words.PARTS_HEAD))
            st.dataframe(table, width="stretch", hide_index=True, height="content")


def _unreadable_files(scan: Scan) -> None:
    unreadable = _unreadable(scan)
    if not unreadable:
        st.success("Every file can be read.", icon=":material/check:")
        return
    st.write("These files are left out. Training goes on without them; replace them to use them.")
    st.dataframe(pd.DataFrame([vars(item) for item in unreadable]), width="stretch", hide_index=True)


def _unreadable(scan: Scan) -> list[Refused]:
    """What is left out, but for what was excluded by hand, which can be read."""
    return [item for item in scan.refused if item.reason != EXCLUDED]


def _groups(scan: Scan, groups: splits.Groups) -> None:
    sides = [min(photo.width, photo.height) for photo in scan.photos]
    size = int(settings.value("image_size", TrainConfig.model_fields["image_size"].default))
    chart(sizes(sides, size), "sizes_chart")
    sources = "groups.csv" if scan.listed_groups else "folders per person" if scan.says_groups else "none given"
    largest = Counter(groups.of.values()).most_common(10)
    unmatched = set(scan.listed_groups) - set(groups.of) - {item.file for item in scan.refused}
    if unmatched:
        st.warning(f"groups.csv names {len(unmatched)} file(s) that are not here, as {plain(min(unmatched))}.")
    st.markdown(f"Group information: **{sources}**. Sets of near-duplicate pictures: **{len(groups.duplicates)}**.")
    st.dataframe(pd.DataFrame(largest, columns=["group (its first file)", "photos"]), width="stretch", hide_index=True)
    by_file = {photo.file: photo for photo in scan.photos}
    for files in groups.duplicates[:10]:
        labels = {by_file[file].label for file in files}
        note = " **under different labels: one of them is wrong**" if len(labels) > 1 else ""
        st.markdown(f"{len(files)} alike:{note}")
        _pictures(scan.root, [by_file[file] for file in files[:_GRID]])
