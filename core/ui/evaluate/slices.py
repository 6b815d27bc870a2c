"""Evaluate's slices: on which kind of test photo a network is weak."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.slices import accuracies
from core.data.faces import attributes
from core.evaluation.one_run import predictions as saved
from core.evaluation.one_run.slices import Rate, Slice, slices
from core.evaluation.wording import sentences
from core.networks.operating_point import OperatingPoint
from core.schema.labels import Label
from core.store.runs import Run
from core.text.numbers import percent, span
from core.ui.common.parts import chart


def show(run: Run, point: OperatingPoint) -> None:
    """The slices of a run's test photos, with decisions at this operating point."""
    found, accuracy, missing = _found(run, point)
    if not found:
        st.info("None of the run's test photos is where it was: there is nothing to slice.")
        return
    st.markdown(sentences.weakest(found, accuracy))
    if missing:
        st.caption(f"{missing} test photos are gone or damaged and in no slice.")
    chart(accuracies(found, accuracy), "slices_chart")
    st.caption(
        "Dashed: over all test photos. Orange: stands out from the other slices of its kind, photos of the same label "
        "compared, after Holm's adjustment for all slices. Grey and open: too few photos to say much (under 30, or an "
        "interval wider than 20 points)."
    )
    columns = {str(label): st.column_config.Column(help=f"Recall of {label}") for label in Label}
    st.dataframe(table(found), width="stretch", hide_index=True, height="content", column_config=columns)
    st.caption(
        "Smallest first; below a label its recall. Sizes are of the face in the photo; brightness, sharpness and the "
        "colour around the mouth are measured, not judged, and a colour is sometimes wrong. The limits were fixed "
        "before any network was tried. What is found by searching wants new photos before it is believed."
    )


def table(found: Sequence[Slice]) -> pd.DataFrame:
    """A row for each slice."""
    labels = [str(label) for label in Label if any(label in own.recall for own in found)]
    return pd.DataFrame([_row(own, labels) for own in found])


def _row(own: Slice, labels: Sequence[str]) -> dict[str, object]:
    accuracy = own.accuracy
    return {
        "slice": f"{own.axis}: {own.name}",
        "photos": own.photos,
        "right": f"{percent(accuracy.share.value)} ({span(accuracy.share.interval)})" if accuracy.of else "",
        "note": _note(own),
        **{label: _counted(own.recall.get(label)) for label in labels},
        "misses": _counted(own.misses),
        "false alarms": _counted(own.false_alarms),
    }


def _note(own: Slice) -> str:
    notes = []
    if own.stands_out:
        notes.append("stands out")
    if own.too_small:
        notes.append("too few")
    return ", ".join(notes)


def _counted(rate: Rate | None) -> str:
    return f"{rate.count} of {rate.of}" if rate and rate.of else ""


def _found(run: Run, point: OperatingPoint) -> tuple[list[Slice], float, int]:
    """(slices, accuracy over all test photos, photos that could not be read), kept for this session."""
    key = (run.id, run.report_file.stat().st_mtime_ns, point)
    kept = st.session_state.get("slices")
    if kept is None or kept[0] != key:
        own = saved.of_run(run, "test")
        bar = st.progress(0.0, "Analysing the test photos")
        found = attributes.find(run.config.folder, own.files, lambda done, total: bar.progress(done / total))
        bar.progress(1.0, "Counting")
        known = np.isin(own.true, [str(label) for label in own.classes])
        accuracy = float((own.guess == own.true)[known].mean())
        kept = (key, (slices(own, found, point), accuracy, len(own) - len(found)))
        st.session_state["slices"] = kept
        bar.empty()
    return kept[1]
