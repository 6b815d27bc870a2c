"""The Evaluate page: choose a network, then how to look at it."""

from __future__ import annotations

import streamlit as st

from core.inference.predictor import Predictor
from core.ui.common import result_view
from core.ui.common.model_picker import pick_model
from core.ui.evaluate import most_wrong, photos, slices
from core.ui.evaluate import subject as evaluate_subject
from core.ui.evaluate.links import PHOTOS, RESULT, SLICES, STRESS, WRONG
from core.ui.evaluate.subject import Subject
from core.ui.runs import stress_view
from core.ui.runs.progress import run_link

_ASKS = {
    RESULT: "How good is it on photos that took no part in training, and how sure is that?",
    PHOTOS: "What does it predict for these photos, and how confident is it?",
    WRONG: "Which test photos does it get most wrong, and where does it look?",
    SLICES: "On which kind of test photo is it weak?",
    STRESS: "How does it do when photos are blurred, dark, covered or not cropped?",
}


def show() -> None:
    """Choose a network and a view of it; `?evaluate_model=` and `?view=` are deep links."""
    picked = pick_model("evaluate_model", starter_first=False, exact=True)
    if picked is None:
        return
    view = st.segmented_control(
        "View", list(_ASKS), default=RESULT, required=True, key="view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    st.caption(_ASKS[view])
    _show(view, picked.predictor())


def _show(view: str, predictor: Predictor) -> None:
    subject = evaluate_subject.of(predictor)
    if view == PHOTOS:
        photos.show(subject)
    elif view == RESULT:
        _result(subject)
    elif subject.run is None:
        st.info("The run that made this network is gone from runs/, and with it its predictions of the test photos.")
    elif view == WRONG:
        most_wrong.show(subject.run, subject)
    elif view == SLICES:
        slices.show(subject.run, predictor.operating_point)
    else:
        stress_view.show(subject.run)


def _result(subject: Subject) -> None:
    if subject.result is None:
        st.info("This network's file holds no test result of Mask Lab: it was not made by a run that finished here.")
        return
    result_view.show(subject.result, "evaluate")
    if subject.run:
        run_link(subject.run, "The run that made it")
    else:
        st.caption("The run that made it is gone from runs/; these numbers are kept in the network's file.")
