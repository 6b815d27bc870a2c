"""Compare's part on the photos that were added since: a sentence for each entry, worked out when it is opened."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.evaluation.compare import answer_cache
from core.evaluation.compare.repeats import Entry
from core.evaluation.versions import added_since
from core.evaluation.versions.added_since import Added
from core.schema.errors import UserError
from core.text.markup import plain
from core.ui.compare import reads

_SAME = (
    "These runs were given the same version of the photos, or do not tell which. Add photos, keep wrong answers from "
    "Live or Evaluate, train again, and compare the two."
)
_NOTE = (
    "Photos that came into the dataset after the older run's version, of people and occasions from which neither has "
    "learnt: the newer run's test photos, and what came in after it. Both networks are shown them now."
)


def show(reference: Entry, others: Sequence[Entry]) -> None:
    """The reference against each other entry that was given another version."""
    different = [other for other in others if added_since.differ(reference, other)]
    for other in different:
        try:
            with st.spinner("Showing the new photos to both"):
                st.markdown(plain(_added(reference, other).sentence))
        except UserError as error:
            st.warning(plain(str(error)), icon=":material/error:")
    st.caption(_NOTE if different else _SAME)


def _added(reference: Entry, other: Entry) -> Added:
    return _compared(reference, other, reads.stamps(
        file for run in (*reference.runs, *other.runs) for file in (run.version_file, run.split_file, run.config.folder)
    ))  # fmt: skip


@st.cache_data(max_entries=16, show_spinner=False, ttl=60)
def _compared(reference: Entry, other: Entry, stamps: reads.Stamps) -> Added:
    return added_since.compare(reference, other, answer_cache.in_process)
