"""The Compare page: which entry is better, in words, numbers and pictures; then the other parts of the page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.charts import paired as charts
from core.charts.training import curves
from core.evaluation.compare import entries, repeats, student_reports, two_runs
from core.evaluation.compare.repeats import Entry
from core.evaluation.compare.two_runs import Versus
from core.schema.train_config import describe
from core.store import runs
from core.text.markup import plain
from core.ui.common import report_button
from core.ui.common.parts import part
from core.ui.compare import ablation_view, choice, stress, tables, wrong_mask


def show() -> None:
    """Choose runs and see them side by side."""
    finished = [run for run in runs.every() if run.summary()]
    if not finished:
        st.info("Nothing to compare yet: train a network, then a second one.", icon=":material/compare_arrows:")
        st.page_link("Home.py", label="Home", icon=":material/home:")
        _reference_table()
        return
    known = repeats.entries(finished)
    chosen, found, pair = choice.pick(finished, known), [], None
    with part():
        found = _words(chosen)
    if chosen:
        _numbers(chosen, found)
        _pictures(chosen, found)
        _stress(chosen, found)
    with part():
        pair = wrong_mask.pick(known, chosen)
    slow = st.container()
    with part():
        ablation_view.show(finished, "compare")
    if chosen:
        with part():
            _curves(chosen)
        _settings(chosen)
        report_button.show([run for entry in chosen for run in entry.runs])
    _reference_table()
    # Photos that one of the two has never been shown take seconds: nothing else on the page waits for them.
    with slow, part():
        if pair:
            wrong_mask.show(pair)


def _words(chosen: Sequence[Entry]) -> list[Versus]:
    """The answers as sentences, and what they rest on."""
    if len(chosen) < 2:
        st.info("Choose two or more runs to see whether one is better.", icon=":material/compare_arrows:")
        return []
    reference = choice.pick_reference(chosen)
    others = [entry for entry in chosen if entry is not reference]
    with st.spinner("Comparing on the same photos"):
        found = _against(reference, tuple(others))
    lines = [
        f"- **{plain(entry.title)}**: {plain(one.sentence)}" for entry, one in zip(others, found, strict=True)
    ]  # fmt: skip
    st.markdown(f"Against **{plain(reference.title)}**:\n" + "\n".join(lines))
    return found


@st.cache_data(max_entries=32, show_spinner=False)
def _against(reference: Entry, others: tuple[Entry, ...]) -> list[Versus]:
    return two_runs.against(reference, others)


def _numbers(chosen: Sequence[Entry], found: Sequence[Versus]) -> None:
    st.subheader("Accuracies (%)")
    tables.accuracies(entries.table(chosen))
    if any(one.paired for one in found):
        st.subheader(f"Against {found[0].reference}")
        tables.differences(found)
    st.caption(plain(" ".join(one.on_which_photos for one in found if one.incomplete)))


def _pictures(chosen: Sequence[Entry], found: Sequence[Versus]) -> None:
    if any(one.paired for one in found):
        st.plotly_chart(charts.forest(found), width="stretch", key="compare_forest")
    if any(len(entry.runs) > 1 for entry in chosen):
        st.plotly_chart(charts.strip(entries.table(chosen)), width="stretch", key="compare_strip")


def _stress(chosen: Sequence[Entry], found: Sequence[Versus]) -> None:
    if found:
        by_letter = {entry.letter: entry for entry in chosen}
        stress.show(by_letter[found[0].reference], [by_letter[one.other] for one in found])


def _curves(chosen: Sequence[Entry]) -> None:
    st.subheader("Curves")
    metrics = {entry.letter: entry.runs[0].metrics() for entry in chosen}
    left, right = st.columns(2)
    left.plotly_chart(curves(metrics, "accuracy"), width="stretch", key="compare_accuracy")
    right.plotly_chart(curves(metrics, "loss"), width="stretch", key="compare_loss")
    if any(len(entry.runs) > 1 for entry in chosen):
        st.caption("Of repeats, the first.")


def _settings(chosen: Sequence[Entry]) -> None:
    if len(chosen) < 2:
        return
    st.subheader("Settings that differ")
    differences = repeats.differences([entry.runs[0] for entry in chosen])
    if not differences:
        st.caption("None: these runs have the same configuration.")
        return
    values = {describe(name)[0]: values for name, values in differences.items()}
    st.dataframe(pd.DataFrame(values, index=[entry.letter for entry in chosen]).T, width="stretch")


def _reference_table() -> None:
    st.subheader("What the two reports published")
    st.caption(
        "Reported by their authors, **not measured here**, on other photos. Report A: "
        f"{student_reports.SOURCE_A}. Its 65 (two classes) and about 105 (three classes) test photos leave an interval "
        f"of some five to eight points either way. Report B: {student_reports.SOURCE_B}. It has no test photos. "
        f"{student_reports.LOSSES}"
    )
    tables.reported()
