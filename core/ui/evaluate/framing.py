"""Evaluate's view of both: the same labelled photos whole and cropped to the face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.data.dataset.scan import Scan
from core.data.dataset.split import Row, new_to
from core.evaluation.explain import framing
from core.evaluation.explain.framing import Framing
from core.inference.predictor import Predictor
from core.ui.common import cached_reads

_FEW, _MANY, _STEP = 20, 400, 20


def show(folder: Path, predictor: Predictor) -> None:
    """Compare photos of a dataset's folder that the network has not seen, whole and cropped to their largest face."""
    unseen = _unseen(cached_reads.scan(folder), predictor)
    if len(unseen) < _FEW:
        st.info(f"Only {len(unseen)} photos of this folder are new to the network: choose a folder with more.")
        return
    count = most = min(len(unseen), _MANY) // _STEP * _STEP
    if most > _FEW:
        count = st.slider("How many photos", _FEW, most, min(100, most), _STEP, key="framing_count")
    key = (predictor, folder, count)
    kept = st.session_state.get("framing")
    if kept is None or kept[0] != key:
        if not st.button("Classify whole and cropped", type="primary", icon=":material/crop:"):
            st.caption("Drawn from people and occasions of which the network was neither trained on nor chosen by any.")
            return
        kept = st.session_state["framing"] = (key, _compare(folder, unseen, count, predictor))
        st.rerun()
    _result(kept[1])


def _unseen(scan: Scan, predictor: Predictor) -> list[Row]:
    return [row for row in new_to(scan, predictor.info.seen) if row.label in predictor.labels]


def _compare(folder: Path, unseen: list[Row], count: int, predictor: Predictor) -> Framing:
    chosen = np.random.default_rng(0).permutation(len(unseen))[:count]
    bar = st.progress(0.0, "Finding faces")
    try:
        return framing.compare(
            predictor, folder, [unseen[place] for place in chosen],
            lambda done, total: bar.progress(done / total, f"Photo {done} of {total}"),
        )  # fmt: skip
    finally:
        bar.empty()


def _result(found: Framing) -> None:
    st.markdown(found.sentence)
    table = pd.DataFrame(
        {
            "cropped: right": [found.both_right, found.only_crop_right],
            "cropped: wrong": [found.only_whole_right, found.neither_right],
        },
        index=["whole photo: right", "whole photo: wrong"],
    )
    st.dataframe(table, width="stretch")
    st.caption(
        f"Not counted: {len(found.faceless)} photos in which no face was found, {len(found.refused)} that could not be "
        "read. Where photos are face crops already, a second crop only cuts closer; cropping is for whole scenes."
    )
