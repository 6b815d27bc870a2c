"""A run's learning curves, moving while it trains, and its best epoch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.charts.training import curves, paces
from core.evaluation.compare.student_reports import LOSSES
from core.schema.presets import REPORT_B_BACKBONE
from core.store.runs import Run
from core.text.numbers import duration, percent
from core.ui.common.page import numbers
from core.ui.common.parts import chart


def show(run: Run) -> None:
    """The curves of the finished epochs."""
    rows = run.metrics()
    if not rows:
        st.caption("Curves appear after the first epoch." if run.state.active else "No epoch was finished: no curves.")
        return
    _tiles(run, rows)
    smooth = st.slider("Smoothing (epochs)", 1, 10, 1, key="smooth") if len(rows) > 5 else 1
    left, right = st.columns(2)
    with left:
        chart(curves({run.name: rows}, "accuracy", smooth), "accuracy_curve")
    with right:
        chart(curves({run.name: rows}, "loss", smooth), "loss_curve")
    if run.config.backbone == REPORT_B_BACKBONE:
        st.caption(LOSSES)
    with left:
        chart(paces(rows, "learning_rate"), "rate_curve")
    with right:
        chart(paces(rows, "images_per_second"), "speed_curve")


def _tiles(run: Run, rows: Sequence[dict[str, float]]) -> None:
    """Where training stands, with the one validation accuracy that counts: that of the epoch that is kept."""
    report, last = run.report(), rows[-1]
    # As training chooses it; of equal epochs the first.
    best = max(rows, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    epoch, accuracy = (report.best_epoch, report.val.accuracy) if report else (best["epoch"], best["val_accuracy"])
    found = (f"Validation accuracy (best, epoch {epoch:.0f})", percent(accuracy))
    speed = ("Speed", f"{last['images_per_second']:.0f} images/s")
    if report:
        numbers(found, speed)
    else:
        numbers(("Epochs done", int(last["epoch"])), found, speed, ("An epoch takes", duration(last["seconds"])))
