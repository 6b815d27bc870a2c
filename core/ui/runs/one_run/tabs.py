"""The tabs of a run's page, each worked out when it is open: the result, and what Evaluate shows of its network,
imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.data.images import decode
from core.data.images.decode import PhotoError
from core.evaluation.wording import sentences
from core.schema.run_report import RunReport
from core.schema.setting_words import describe, in_words
from core.schema.train_config import TrainConfig
from core.store.runs import Run
from core.text.numbers import percent
from core.ui.common import result_view
from core.ui.common.parts import part
from core.ui.evaluate import by_source
from core.ui.evaluate import subject as evaluate_subject
from core.ui.evaluate.subject import Subject
from core.ui.runs import network_layers, stress_view
from core.ui.runs.one_run import delete

CURVES = "Curves"
_SUMMARY, _MISTAKES, _SLICES, _STRESS = "Summary", "Mistakes", "Slices", "Stress"
_NETWORK, _PHOTOS, _SETTINGS, _LOG = "Network", "Photos", "Settings", "Log"
# The first is open unless another is asked for.
FINISHED = (_SUMMARY, CURVES, _MISTAKES, _SLICES, _STRESS, _NETWORK, _PHOTOS, _SETTINGS, _LOG)
UNFINISHED = (CURVES, _NETWORK, _PHOTOS, _SETTINGS, _LOG)


def show(tab: str, run: Run, report: RunReport | None) -> None:
    """One of them, but for the curves, which move. Raises UserError for damaged files."""
    own: dict[str, Callable[[Run], None]] = {
        _MISTAKES: _mistakes, _SLICES: _slices, _STRESS: stress_view.show, _NETWORK: network_layers.show,
        _PHOTOS: _photos, _SETTINGS: _settings, _LOG: _log,
    }  # fmt: skip
    if tab in own:
        own[tab](run)
    elif report:
        _summary(run, report)


def _summary(run: Run, report: RunReport) -> None:
    result_view.show(report.test, "run", run)
    with part():
        by_source.show(run)
    st.subheader("Training and validation")
    rows = {
        "training, during the epoch": report.train_accuracy_training_mode,
        "training (without augmentation)": report.train_accuracy,
        f"validation (best, epoch {report.best_epoch})": report.val.accuracy,
    }
    st.dataframe(pd.DataFrame({"accuracy": map(percent, rows.values())}, index=list(rows)), width="content")
    kept = f"Epoch {report.best_epoch} of {report.epochs} was kept: the best on validation."
    st.markdown(f"{kept} {sentences.training_gap(run.metrics(), report.best_epoch)}")


def _mistakes(run: Run) -> None:
    from core.ui.evaluate import most_wrong

    if subject := _subject(run):
        most_wrong.show(run, subject)


def _slices(run: Run) -> None:
    from core.ui.evaluate import slices

    if subject := _subject(run):
        slices.show(run, subject.info.operating_point)


def _photos(run: Run) -> None:
    if run.summary() and (subject := _subject(run)):
        from core.ui.evaluate import photos

        st.subheader("Try it on photos")
        photos.show(subject)
    st.subheader("First training batch, augmented")
    _augmented(run)
    refused = run.refused()
    st.subheader("Unreadable files")
    if refused:
        st.dataframe(pd.DataFrame(refused), width="stretch", hide_index=True)
    else:
        st.caption("None: every file could be read.")


def _subject(run: Run) -> Subject | None:
    """The run's network; None, and what to do, where it is gone."""
    if delete.model_of(run) is None:
        st.info("The network of this run is gone from models/: train again to see this.", icon=":material/info:")
        return None
    return evaluate_subject.of_run(run)


def _augmented(run: Run) -> None:
    if not run.augmented_file.exists():
        st.caption("It appears here when training begins.")
        return
    try:
        batch = decode.decode(run.augmented_file)
    except PhotoError:
        st.caption("augmented.png is damaged: the batch can't be shown, and nothing else depends on it.")
        return
    st.image(batch, caption="The first training batch as the network saw it")


def _settings(run: Run) -> None:
    config = run.config
    rows = [
        {"setting": describe(name)[0], "value": in_words(name, getattr(config, name))}
        for name in TrainConfig.model_fields
    ]
    st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True, height="content")


def _log(run: Run) -> None:
    st.code(run.job.log_tail() or "Nothing yet.", language=None, height=320)
