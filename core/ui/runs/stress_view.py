"""A run's stress suite: started, watched, and shown in words, curves, a table and examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.stress import panels
from core.data.disturb import KINDS, SEVERITIES
from core.data.faces import landmarks
from core.data.images.decode import PhotoError, decode
from core.evaluation.stress import measure_suite, score, worker
from core.evaluation.stress import suite as stress_suite
from core.evaluation.stress.score import Summary
from core.evaluation.stress.suite import Suite
from core.evaluation.wording import stress_words
from core.evaluation.wording.operating_words import computed_before
from core.schema.errors import UserError
from core.schema.labels import BARE
from core.store import paths, runs
from core.store.runs import Run, finished_report
from core.text.markup import plain
from core.text.numbers import duration
from core.ui.common.model_picker import Picked
from core.ui.common.parts import chart, job_ended, job_progress, part

if TYPE_CHECKING:
    from core.inference.predictor import Predictor

_SCENE_KINDS = tuple(name for name, kind in KINDS.items() if kind.scene)
_PICTURE_KINDS = tuple(name for name, kind in KINDS.items() if not kind.scene)
_EXAMPLE_SIDE = 128


def show(run: Run) -> None:
    """The suite of a finished run, or the button that computes it."""
    state = worker.job_of(run).state
    if state and state.active:
        _watch(run.id)
        return
    if state:
        job_ended(state, "The stress suite")
    suite = _suite(run)
    if suite is None:
        st.markdown(
            "How does this network do when photos are blurred, dark, small or not cropped to the face, or when "
            f"{stress_words.covering()} hides the mouth? The stress suite shows it up to {measure_suite.PHOTOS} of its "
            f"test photos under {len(KINDS)} kinds of disturbance, each at five severities."
        )
    else:
        _results(run, suite)
    _start(run, again=suite is not None)


def _start(run: Run, again: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "Run it again" if again else "Run the stress suite"
        if st.button(words, icon=":material/bolt:", type="secondary" if again else "primary", key="stress_start"):
            worker.start(run)
            st.rerun()
        if not again:
            picked = _network(run)
            st.fragment(_how_long, run_every=1.0 if picked and picked.loading else None)(run)


def _network(run: Run) -> Picked | None:
    report = run.report()
    return Picked(report.model, paths.models_dir() / report.model, f"{run.id}_loaded", exact=True) if report else None


def _how_long(run: Run) -> None:
    """What the suite will take, once the network is loaded; then the page is redrawn, which ends the waiting."""
    picked, waiting = _network(run), f"stress_waits_{run.id}"
    if picked and picked.loading:
        st.session_state[waiting] = True
        st.caption("Measuring how long it takes; it runs in the background.")
        return
    if st.session_state.pop(waiting, False):
        st.rerun()
    with part():
        if picked:
            st.caption(f"Takes about {duration(_seconds(run.id, picked.predictor()))}, in the background.")


@st.fragment(run_every=1.0)
def _watch(run_id: str) -> None:
    """The part that moves; redraws the whole page once when the work has ended."""
    if job_progress(worker.job_of(runs.get(run_id)), "stress_stop"):
        st.toast("Asked the stress suite to stop.")


def _suite(run: Run) -> Suite | None:
    try:
        return _load(str(run.stress_file), run.stress_file.stat().st_mtime_ns)
    except FileNotFoundError:
        return None
    except UserError as error:
        st.warning(plain(str(error)))
        return None


@st.cache_data(max_entries=16, show_spinner=False)
def _load(path: str, changed: int) -> Suite | None:
    """`changed` keys the cache."""
    return stress_suite.load(Path(path))


@st.cache_data(max_entries=16, show_spinner=False)
def _summary(path: str, changed: int) -> Summary:
    suite = _load(path, changed)
    assert suite is not None
    return score.summarise(suite)


@st.cache_data(max_entries=16, show_spinner="Measuring this machine")
def _seconds(run_id: str, _predictor: Predictor) -> float:
    return measure_suite.estimate(_predictor, worker.test_photos(runs.get(run_id)))


def _results(run: Run, suite: Suite) -> None:
    if before := computed_before(suite.threshold, finished_report(run)):
        st.warning(before, icon=":material/history:")
    summary = _summary(str(run.stress_file), run.stress_file.stat().st_mtime_ns)
    st.markdown(stress_words.result(suite, summary))
    st.markdown(stress_words.unseen(summary))
    left, right = st.columns(2)
    for column, kinds, title in ((left, _PICTURE_KINDS, "The picture"), (right, _SCENE_KINDS, "Scene and face")):
        with column:
            chart(panels({run.name: suite}, kinds, title), f"stress_{title}")
    st.caption(
        f"{len(suite.files)} test photos, {duration(suite.seconds)}. What covers the mouth is shown on bare faces "
        "only: their label stays no_mask. All of it is drawn on your photos, not photographed: it shows where a "
        "network is weak, not how often that happens in use."
    )
    with st.expander("Numbers"):
        _table(suite, summary)
    with st.expander("What it shows: one of your photos under every kind"):
        _examples(suite)


def _table(suite: Suite, summary: Summary) -> None:
    columns = {
        "mean": st.column_config.NumberColumn("mean (%)", format="%.1f"),
        "low": st.column_config.NumberColumn("low", format="%.1f", help="Lower limit of the mean's 95 % interval"),
        "high": st.column_config.NumberColumn("high", format="%.1f", help="Upper limit of the mean's 95 % interval"),
    } | {str(severity): st.column_config.NumberColumn(f"severity {severity}", format="%.0f") for severity in SEVERITIES}
    table = pd.DataFrame(stress_words.table(suite, summary))
    st.dataframe(table, width="stretch", hide_index=True, column_config=columns, height="content")


def _examples(suite: Suite) -> None:
    bare = [file for file, label in zip(suite.files, suite.true, strict=True) if label == BARE]
    if not bare:
        st.caption("There is no bare face among these photos.")
        return
    left, right = st.columns(2)
    severity = left.select_slider("Severity", SEVERITIES, value=3, key="stress_severity")
    number = right.number_input("Photo", 1, len(bare), key="stress_photo")
    pictures = _disturbed(suite.dataset, bare[number - 1], severity, suite.seed)
    if pictures is None:
        st.caption(f"{plain(bare[number - 1])} is gone or damaged.")
        return
    with st.container(horizontal=True, gap="small"):
        for kind, picture in pictures.items():
            with st.container(width=_EXAMPLE_SIDE):
                st.image(picture, width=_EXAMPLE_SIDE, caption=kind)


@st.cache_data(max_entries=16, show_spinner=False)
def _disturbed(folder: str, file: str, severity: int, seed: int) -> dict[str, np.ndarray] | None:
    """The photo under every kind that can be shown on it: title -> picture. None when it can't be read any more."""
    try:
        image = decode(Path(folder) / file, wanted_side=_EXAMPLE_SIDE)
    except PhotoError:
        return None
    square = np.asarray(image.resize((_EXAMPLE_SIDE, _EXAMPLE_SIDE)))
    found = landmarks.find(Path(folder), [file])[file]
    return {
        kind.title: measure_suite.disturb(name, severity, square, found, file, seed)
        for name, kind in KINDS.items() if measure_suite.asked(name, BARE, found)
    }  # fmt: skip
