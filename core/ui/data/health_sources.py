"""Health's part on sources: which labels each has, and how well they can be told apart by what a network sees, which is
found out in the background when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.collect import sources
from core.data.dataset.scan import Scan
from core.data.health import label_mix
from core.data.health.label_mix import Leaning
from core.evaluation.by_source import kept, worker
from core.evaluation.by_source.signal import Signal
from core.evaluation.wording import source_signal_words as words
from core.schema.errors import UserError
from core.store.job_state import State
from core.text.markup import plain
from core.text.numbers import duration
from core.ui.common import cached_reads
from core.ui.common.parts import job_ended, job_progress

_NEWS = "health_sources_news"


def show(scan: Scan) -> None:
    """Nothing where all photos are of one source. Raises UserError for a damaged sources.csv."""
    told = sources.of_photos(scan)
    mix = label_mix.mix(scan, told)
    if not mix:
        return
    st.subheader("Sources")
    table = pd.DataFrame(words.mix_rows(mix), columns=words.mix_head(mix))
    st.dataframe(table, width="stretch", hide_index=True, height="content", alt="Photos of each source and label")
    st.caption(words.MIX_NOTE)
    key = kept.key(scan, told, cached_reads.groups(scan).of)
    _told_apart(scan, key, label_mix.leaning(mix))


@st.fragment
def _told_apart(scan: Scan, key: str, leaning: Sequence[Leaning]) -> None:
    """How well sources can be told apart, or the button that finds it out."""
    state = worker.job_of(scan.root).state
    if state and state.active:
        _watch(scan.root)
        return
    before = kept.read(scan.root)
    if before and before[0] == key:
        _result(before[1], leaning)
        return
    if before:
        st.info("Photos, labels or sources have changed since this was found out.", icon=":material/history:")
    _ended(state)
    _offer(scan)


def _result(found: Signal, leaning: Sequence[Leaning]) -> None:
    for sentence in words.sentences(found, leaning):
        st.markdown(plain(sentence))
    if found.labels:
        table = pd.DataFrame(map(words.row, found.labels), columns=list(words.HEAD))
        st.dataframe(table, width="stretch", hide_index=True, height="content", alt="How well sources are told apart")
    st.caption(plain(f"{words.NOTE} {words.left_out(found)}".rstrip()))


def _offer(scan: Scan) -> None:
    st.markdown("Can a network see of which source a photo is? Then it may learn the source instead of the mask.")
    if cached_reads.weights_problem(worker.CONFIG):
        st.caption(plain(worker.without_weights()))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Tell sources apart", icon=":material/category:", key="health_sources", on_click=_start,
                  args=(scan.root,))  # fmt: skip
        seconds = worker.estimate(len({photo.digest for photo in scan.photos}))
        st.caption(f"Takes about {duration(seconds)}, in the background.")


def _start(root: Path) -> None:
    try:
        worker.start(root)
    except UserError as error:
        st.session_state[_NEWS] = str(error)


@st.fragment(run_every=1.0)
def _watch(root: Path) -> None:
    """The part that moves; redraws the whole page once when the work has ended."""
    if job_progress(worker.job_of(root), "health_sources_stop"):
        st.toast("Asked to stop telling sources apart. The features found so far are kept.")


def _ended(state: State | None) -> None:
    if news := st.session_state.pop(_NEWS, ""):
        st.warning(plain(news), icon=":material/error:")
    job_ended(state, "Telling sources apart")
