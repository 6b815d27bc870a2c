"""A run's test photos by source, on Evaluate and on the run's page: nothing where they are of one source."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data.collect.sources import FILE
from core.evaluation.by_source import measure
from core.evaluation.wording import by_source_words
from core.schema.result import SourceResult
from core.store.runs import Run
from core.text.markup import plain
from core.ui.compare.reads import Stamps, stamps


def show(run: Run) -> None:
    """A sentence and a row a source, the worst first. Raises UserError where the run has no predictions."""
    found = _found(run, stamps((run.predictions_file, run.report_file, run.version_file, run.config.folder / FILE)))
    if not found:
        return
    st.subheader("By source")
    st.markdown(plain(by_source_words.sentence(found)))
    table = pd.DataFrame(
        [by_source_words.row(one, found) for one in found], columns=by_source_words.head(found)
    )  # fmt: skip
    st.dataframe(table, width="stretch", hide_index=True, height="content", alt="Each source, the worst first")
    st.caption(by_source_words.notes(found))


@st.cache_data(max_entries=16, show_spinner=False)
def _found(run: Run, stamps: Stamps) -> tuple[SourceResult, ...]:
    """`stamps` key the cache."""
    return measure.of_run(run)
