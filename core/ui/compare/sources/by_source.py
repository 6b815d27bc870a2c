"""Compare's part by source: on whose photos which entry is better, where test photos are of several sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.collect import sources
from core.evaluation.by_source import paired, told
from core.evaluation.by_source.paired import BySource
from core.evaluation.compare.repeats import Entry
from core.evaluation.wording import by_source_words
from core.store.runs import Run
from core.text.markup import plain
from core.ui.compare import reads

_ONE = "The test photos that these runs share are of one source, or too few to compare."


def known(chosen: Sequence[Entry]) -> bool:
    """Whether a run of these was tested on photos of several sources."""
    every = (run for entry in chosen for run in entry.runs)
    return any(_tested(run, reads.stamps(_files(run))) > 1 for run in every)


def show(reference: Entry, others: Sequence[Entry]) -> None:
    """The reference against each other entry: a sentence and a row a source."""
    every = [run for entry in (reference, *others) for run in entry.runs]
    found = _against(reference, tuple(others), reads.stamps(file for run in every for file in _files(run)))
    if not found:
        st.caption(_ONE)
        return
    for one in found:
        st.markdown(f"**{one.other} against {one.reference}**: {plain(by_source_words.versus_sentence(one))}")
        rows = [by_source_words.versus_row(own) for own in one.sources]
        table = pd.DataFrame(rows, columns=by_source_words.versus_head(one))
        st.dataframe(table, width="stretch", hide_index=True, height="content", alt="Each source")
    st.caption(by_source_words.VERSUS_NOTE)


def _files(run: Run) -> tuple[Path, ...]:
    own = run.report_file, run.predictions_file, run.split_file, run.version_file
    return *own, run.config.folder, run.config.folder / sources.FILE


@st.cache_data(max_entries=64, show_spinner=False)
def _tested(run: Run, stamps: reads.Stamps) -> int:
    """Of how many sources its test photos are; `stamps` key the cache."""
    own = told.of_run(run)
    files = [row["file"] for row in run.predictions() if row["part"] == "test"] if own else []
    return len({own.get(file, sources.UNKNOWN) for file in files})


@st.cache_data(max_entries=16, show_spinner=False)
def _against(reference: Entry, others: tuple[Entry, ...], stamps: reads.Stamps) -> list[BySource]:
    return paired.against(reference, others)
