"""The Data page's parts: overview, sample grid, refused files, groups and the split."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.data import label_counts, sizes
from core.data.dataset import label_decisions
from core.data.dataset import split as splits
from core.data.dataset.scan import Photo, Scan
from core.data.images.decode import PhotoError, decode
from core.schema.errors import UserError
from core.schema.labels import MEANINGS
from core.schema.train_config import TrainConfig
from core.text.markup import plain
from core.ui.common import cached_reads
from core.ui.common.page import label_badge, numbers

_GRID = 8


def show(folder: Path) -> None:
    """Everything about one dataset's photos."""
    scan = cached_reads.scan(folder)
    groups = cached_reads.groups(scan)
    _overview(scan, groups)
    names = ["Sample", "Split", f"Refused ({len(scan.refused)})", "Groups and sizes"]
    sample, split, refused, together = st.tabs(names)
    with sample:
        _sample(scan)
    with split:
        _split(scan)
    with refused:
        _refused(scan)
    with together:
        _groups(scan, groups)


def _overview(scan: Scan, groups: splits.Groups) -> None:
    numbers(
        *((str(label), f"{count:,}", MEANINGS[label]) for label, count in scan.counts.items()),
        ("Groups", f"{len(set(groups.of.values())):,}", "Photos of one person, photo or burst are one group."),
        ("Refused", len(scan.refused)),
    )
    decided = Counter(decision.choice for decision in label_decisions.read(scan.root).values())
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


def _sample(scan: Scan) -> None:
    seed = st.session_state.setdefault("sample_seed", 0)
    if st.button("Show others", icon=":material/shuffle:"):
        st.session_state["sample_seed"] = seed = seed + 1
    random = np.random.default_rng(seed)
    for label in scan.labels:
        own = [photo for photo in scan.photos if photo.label == label]
        st.markdown(f"{label_badge(label)} · {MEANINGS[label]}", unsafe_allow_html=True)
        chosen = random.permutation(len(own))[:_GRID]
        _pictures(scan.root, [own[index] for index in chosen])


def _pictures(root: Path, photos: list[Photo]) -> None:
    # One row of thumbnails that wraps on a phone, where columns would stack into a long tower.
    with st.container(horizontal=True, gap="small"):
        for photo in photos:
            try:
                image = decode(root / photo.file, wanted_side=128)
            except PhotoError:
                continue
            image.thumbnail((220, 110))
            st.image(image, width=max(40, image.width), caption=None)


def _split(scan: Scan) -> None:
    first, second = st.session_state.get("form_split", (70, 90))
    shares = (first / 100, (second - first) / 100, (100 - second) / 100)
    seed = int(st.session_state.get("form_seed", 0))
    try:
        counts = cached_reads.split_counts(scan, shares, seed)
    except UserError as error:
        st.error(plain(str(error)))
        return
    st.plotly_chart(label_counts(counts), width="stretch", key="split_chart")
    table = {splits.PART_NAMES[part]: {str(label): own[label] for label in scan.labels} for part, own in counts.items()}
    st.dataframe(pd.DataFrame(table).T, width="stretch")
    st.caption(
        f"Shares {shares[0]:.0%} / {shares[1]:.0%} / {shares[2]:.0%} and seed {seed}, as the form on Home has "
        "them. Photos of one group are always in the same part."
    )


def _refused(scan: Scan) -> None:
    if not scan.refused:
        st.success("Every file could be read.", icon=":material/check:")
        return
    st.write("These files are left out; training goes on without them.")
    st.dataframe(pd.DataFrame([vars(item) for item in scan.refused]), width="stretch", hide_index=True)


def _groups(scan: Scan, groups: splits.Groups) -> None:
    sides = [min(photo.width, photo.height) for photo in scan.photos]
    size = int(st.session_state.get("form_image_size", TrainConfig.model_fields["image_size"].default))
    st.plotly_chart(sizes(sides, size), width="stretch", key="sizes_chart")
    sources = "groups.csv" if scan.listed_groups else "folders per person" if scan.says_groups else "none given"
    largest = Counter(groups.of.values()).most_common(10)
    unmatched = set(scan.listed_groups) - set(groups.of) - {item.file for item in scan.refused}
    if unmatched:
        st.warning(f"groups.csv names {len(unmatched)} file(s) that are not here, as {plain(min(unmatched))}.")
    st.markdown(f"Group information: **{sources}**. Sets of near-duplicate pictures: **{len(groups.duplicates)}**.")
    st.dataframe(
        pd.DataFrame(largest, columns=["group (its first file)", "photos"]), width="stretch", hide_index=True
    )
    by_file = {photo.file: photo for photo in scan.photos}
    for files in groups.duplicates[:10]:
        labels = {by_file[file].label for file in files}
        note = " **under different labels: one of them is wrong**" if len(labels) > 1 else ""
        st.markdown(f"{len(files)} alike:{note}")
        _pictures(scan.root, [by_file[file] for file in files[:_GRID]])
