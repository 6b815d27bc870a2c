"""One run: live curves while it trains; then its test result, settings and log; and stop, resume and delete."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.training import curves
from core.data.images import decode
from core.data.images.decode import PhotoError
from core.evaluation.compare.student_reports import LOSSES
from core.evaluation.wording import sentences
from core.schema.presets import REPORT_B_BACKBONE
from core.schema.run_report import RunReport
from core.schema.train_config import TrainConfig, describe
from core.store import runs
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import duration, percent
from core.training.lifecycle import launch
from core.ui.common import report_button, result_view
from core.ui.common.page import numbers
from core.ui.common.parts import part
from core.ui.evaluate.links import WRONG, evaluate_link
from core.ui.runs import network_layers
from core.ui.runs.progress import status_line


def show(run: Run) -> None:
    """The run's page."""
    st.header(plain(run.name))
    active = run.state.active
    _buttons(run)
    config = run.config
    st.caption(f"{run.created:%d %B %Y, %H:%M} · photos from {plain(config.dataset)}")
    st.fragment(_progress, run_every=1.0 if active else None)(run.id)
    with part():
        if report := run.report():
            _numbers(run, report)
            report_button.show([run])
    augmented, network, settings, refused, log = st.tabs(["Augmented batch", "Network", "Settings", "Refused", "Log"])
    with augmented:
        _augmented(run)
    with network:
        network_layers.show(run)
    with settings:
        _settings(config)
    with refused, part():
        _refused(run)
    with log:
        st.code(run.job.log_tail(), language=None, height=320)


def _progress(run_id: str) -> None:
    """The part that moves; redraws the whole page once when the run has ended."""
    run = runs.get(run_id)
    state = run.state
    seen = f"seen_active_{run_id}"
    if state.active:
        st.session_state[seen] = True
    elif st.session_state.pop(seen, False):
        st.rerun()
    status_line(state)
    with part():
        _curves(run, state.active)


def _curves(run: Run, active: bool) -> None:
    rows = run.metrics()
    if not rows:
        if active:
            st.caption("Curves appear after the first epoch.")
        return
    _last_epoch(rows)
    smooth = st.slider("Smoothing (epochs)", 1, 10, 1, key="smooth") if len(rows) > 5 else 1
    left, right = st.columns(2)
    left.plotly_chart(curves({run.name: rows}, "accuracy", smooth), width="stretch", key="accuracy_curve")
    right.plotly_chart(curves({run.name: rows}, "loss", smooth), width="stretch", key="loss_curve")
    if run.config.backbone == REPORT_B_BACKBONE:
        st.caption(LOSSES)


def _last_epoch(rows: list[dict[str, float]]) -> None:
    last = rows[-1]
    numbers(
        ("Epochs done", int(last["epoch"])),
        ("Validation accuracy", percent(last["val_accuracy"])),
        ("Speed", f"{last['images_per_second']:.0f} images/s"),
        ("An epoch takes", duration(last["seconds"])),
    )


def _numbers(run: Run, report: RunReport) -> None:
    st.subheader("Test photos")
    result_view.show(report.test, "run")
    evaluate_link(report.model, WRONG, "Its worst mistakes, and where it is weak")
    st.subheader("Training and validation")
    st.dataframe(
        pd.DataFrame(
            {
                "accuracy": [
                    percent(report.train_accuracy_training_mode), percent(report.train_accuracy),
                    percent(report.val.accuracy),
                ],
            },
            index=["training, during the epoch", "training, evaluated without augmentation", "validation"],
        ),
        width="stretch",
    )  # fmt: skip
    kept = f"Epoch {report.best_epoch} of {report.epochs} was kept: the best on validation."
    st.markdown(f"{kept} {sentences.training_gap(run.metrics(), report.best_epoch)}")


def _augmented(run: Run) -> None:
    if not run.augmented_file.exists():
        st.caption("The first augmented batch appears here when training begins.")
        return
    try:
        batch = decode.decode(run.augmented_file)
    except PhotoError:
        st.caption("augmented.png is damaged: the batch can't be shown, and nothing else depends on it.")
        return
    st.image(batch, caption="The first training batch as the network saw it")


def _settings(config: TrainConfig) -> None:
    rows = [{"setting": describe(name)[0], "value": str(getattr(config, name))} for name in TrainConfig.model_fields]
    st.dataframe(pd.DataFrame(rows), width="stretch", hide_index=True)


def _refused(run: Run) -> None:
    if refused := run.refused():
        st.dataframe(pd.DataFrame(refused), width="stretch", hide_index=True)
    else:
        st.caption("No file was refused.")


def _buttons(run: Run) -> None:
    state = run.state
    with st.container(horizontal=True):
        if state.active and st.button("Stop", icon=":material/stop:", help="Keeps the last epoch's checkpoint."):
            launch.ask_to_stop(run)
            st.toast("Asked the trainer to stop.")
        if run.resumable and st.button("Resume", icon=":material/play_arrow:", type="primary"):
            launch.resume(run)
            st.rerun()
        if not state.active and st.button("Delete", icon=":material/delete:"):
            _ask_delete(run.id)


@st.dialog("Delete this run?")
def _ask_delete(run_id: str) -> None:
    st.write(f"runs/{run_id} with its metrics, log and predictions is removed. Its network in models/ stays.")
    if st.button("Delete it", type="primary"):
        runs.delete(runs.get(run_id))
        st.query_params.clear()
        st.rerun()
