"""The versions of a dataset: a table of them, two to choose, and what changed from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.data.dataset.versions import difference
from core.data.dataset.versions.difference import KINDS, Change
from core.data.dataset.versions.manifest import SHORT, Version
from core.data.images import thumbnail
from core.evaluation.versions import known
from core.evaluation.versions.known import Known
from core.evaluation.wording import version_words
from core.schema.labels import Label
from core.text.markup import one_line, plain
from core.ui.common import cached_reads
from core.ui.common.parts import part

_NOW = "now"
_NONE = (
    "No run of this dataset tells which photos it was given: each training from now on records that. Train a network, "
    "and what changes afterwards is shown here."
)
_ABOUT = (
    "A version is every photo with its content, label, person and source. A run's page offers to train again on its "
    "own version."
)
# A row of them on a small laptop; as many names as a table scrolls through easily.
_PICTURES, _SIDE, _LISTED = 8, 96, 2000


def show(folder: Path) -> None:
    """The table and, once two are chosen, what changed. Raises UserError for a folder that is no dataset."""
    scan = cached_reads.scan(folder)
    now = cached_reads.present_version(scan)
    listed = known.of_dataset(scan.root)
    if not listed:
        st.info(_NONE, icon=":material/history:")
        st.caption(f"Now: {version_words.named(now.head)}.")
        return
    _table(now, listed)
    st.caption(_ABOUT)
    older, newer = _choose(now, listed)
    with part():
        _compare(scan.root, _version(older, now, listed), _version(newer, now, listed))


def _table(now: Version, listed: Sequence[Known]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "version": one.head.id[:SHORT], "photos": one.head.photos, "since": version_words.day(one.head.when),
            "given to": one_line(", ".join(run.name for run in one.runs)),
            "forgotten since": one.head.forgotten or None,
        }
        for one in listed
    ]  # fmt: skip
    if now.id not in {one.head.id for one in listed}:
        rows.insert(0, {
            "version": now.id[:SHORT], "photos": now.head.photos, "since": _NOW, "given to": "no run yet"
        })  # fmt: skip
    table = pd.DataFrame(rows)
    if not any(one.head.forgotten for one in listed):
        table = table.drop(columns="forgotten since", errors="ignore")
    st.dataframe(table, width="stretch", hide_index=True, height="content", alt="Versions, the newest first")


def _choose(now: Version, listed: Sequence[Known]) -> tuple[str, str]:
    """The ids of the older and the newer version, "now" of the present one."""
    names = {_NOW: f"now ({now.head.photos:,} photos)"} | {
        one.head.id: f"{one.head.id[:SHORT]} ({one.head.photos:,} photos, {version_words.day(one.head.when)})"
        for one in listed
    }
    left, right = st.columns(2)
    with left:
        older = _select("From", names, listed[0].head.id)
    with right:
        newer = _select("To", names, _NOW)
    return older, newer


def _select(title: str, names: dict[str, str], first: str) -> str:
    key = f"versions_{title.lower()}"
    if st.session_state.get(key) not in names:
        st.session_state[key] = first
    options = list(names)
    return st.selectbox(
        title, options, options.index(st.session_state[key]), key=key, format_func=names.__getitem__
    )  # fmt: skip


def _version(name: str, now: Version, listed: Sequence[Known]) -> Version:
    if name in (_NOW, now.id):
        return now
    return known.read(next(one.runs[0] for one in listed if one.head.id == name))


def _compare(root: Path, older: Version, newer: Version) -> None:
    found = difference.between(older, newer)
    st.markdown(plain(version_words.changed(found)))
    if not found.changes:
        return
    counts = found.counts()
    own = [label for label in Label if any(count[label] for count in counts.values())]
    table = {KINDS[kind]: [count[label] for label in own] for kind, count in counts.items()}
    st.dataframe(pd.DataFrame(table, index=list(map(str, own))).T, width="stretch", height="content",
                 alt="Photos that changed, by label")  # fmt: skip
    for kind, changes in found.changes.items():
        with st.expander(f"{KINDS[kind].capitalize()} ({len(changes):,})", key=f"versions_{kind}"):
            _changes(root, changes)


def _changes(root: Path, changes: Sequence[Change]) -> None:
    _pictures(root, changes)
    rows = [vars(change) for change in changes[:_LISTED]]
    table = pd.DataFrame([{name: one_line(str(value)) for name, value in row.items()} for row in rows])
    if not any(change.before or change.now for change in changes):
        table = table.drop(columns=["before", "now"])
    st.dataframe(table, width="stretch", hide_index=True, alt="The photos by name")
    if len(changes) > _LISTED:
        st.caption(f"The first {_LISTED:,} of {len(changes):,}: `versions DATASET FROM TO --json FILE` writes all.")


def _pictures(root: Path, changes: Sequence[Change]) -> None:
    """Examples, of those photos that are there."""
    files = [change.file for change in changes[: 4 * _PICTURES] if (root / change.file).is_file()][:_PICTURES]
    pictures = thumbnail.thumbnails((root / file for file in files), _SIDE)
    with st.container(horizontal=True, gap="small"):
        for file, picture in zip(files, pictures, strict=True):
            if picture:
                st.image(picture, width=_SIDE, alt=one_line(file))
