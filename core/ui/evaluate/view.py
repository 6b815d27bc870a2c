"""The Evaluate page: choose a network, then how to look at it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.schema.result import Result
from core.store.runs import Run
from core.ui.common.model_picker import pick_model
from core.ui.common.parts import part
from core.ui.compare import new_source
from core.ui.evaluate import by_source
from core.ui.evaluate import subject as evaluate_subject
from core.ui.evaluate.links import PHOTOS, RESULT, SLICES, STRESS, WRONG
from core.ui.evaluate.subject import Subject
from core.ui.runs.progress import run_link

Draw = Callable[[Subject], None]
_ASKS = {
    RESULT: "How good is it on photos that took no part in training, and how sure is that?",
    PHOTOS: "What does it predict for these photos, and how confident is it?",
    WRONG: "Which test photos does it get wrong, and where does it look?",
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
    # A fresh server imports charts and tables first, which takes longer than a glance.
    with st.spinner(f"Opening {view}"):
        subject, draw = evaluate_subject.of(picked), _VIEWS[view]()
    draw(subject)


def _result() -> Draw:
    from core.ui.common import result_view

    def draw(test: Result, run: Run | None) -> None:
        result_view.tiles(test)
        result_view.show(test, "evaluate", run)

    return lambda subject: _shown(subject, draw)


def _photos() -> Draw:
    from core.ui.evaluate import photos

    return photos.show


def _wrong() -> Draw:
    from core.ui.evaluate import most_wrong

    return lambda subject: _of_run(subject, lambda run: most_wrong.show(run, subject))


def _slices() -> Draw:
    from core.ui.evaluate import slices

    return lambda subject: _of_run(subject, lambda run: slices.show(run, subject.info.operating_point))


def _stress() -> Draw:
    from core.ui.runs import stress_view

    return lambda subject: _of_run(subject, stress_view.show)


_VIEWS: dict[str, Callable[[], Draw]] = {
    RESULT: _result, PHOTOS: _photos, WRONG: _wrong, SLICES: _slices, STRESS: _stress,
}  # fmt: skip


def _shown(subject: Subject, show_result: Callable[[Result, Run | None], None]) -> None:
    if subject.result is None:
        st.info("This network's file holds no test result of Mask Lab: it was not made by a run that finished here.")
        return
    show_result(subject.result, subject.run)
    if subject.run:
        with part():
            by_source.show(subject.run)
            new_source.of_run(subject.run)
        run_link(subject.run, "The run that made it")
    else:
        st.caption("The run that made it is gone from runs/; these numbers are kept in the network's file.")


def _of_run(subject: Subject, show_run: Callable[[Run], None]) -> None:
    if subject.run is None:
        st.info("The run that made this network is gone from runs/, and with it its predictions of the test photos.")
    else:
        show_run(subject.run)
