"""Compare's ablation: what the learning rate and augmentation do, also on photos of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation import ablation
from core.evaluation.ablation import Ablation, Custom
from core.runs import Run
from core.ui import store
from core.ui.compare_choice import run_title
from core.ui.dataset_picker import pick_dataset
from core.ui.page import plain

_KEPT = "compare_custom_results"
_SHARE = st.column_config.NumberColumn(format="%.1f")


def show(finished: Sequence[Run]) -> None:
    """The table of an ablation, where there is one."""
    found = ablation.find(finished)
    if not found:
        return
    st.subheader("Ablation: learning rate and augmentation")
    own = found[0]
    if len(found) > 1:
        place = st.selectbox(
            "Ablation", range(len(found)), key="compare_ablation",
            format_func=lambda place: run_title(found[place].runs[-1]),
        )  # fmt: skip
        own = found[place]
    measured = _custom(own)
    rows = [_row(row, measured.get(row["run"])) for row in own.as_rows()]
    shares = ("validation acc.", "test acc.", "custom photos acc.")
    st.dataframe(
        pd.DataFrame(rows), width="stretch", hide_index=True, height="content",
        column_config=dict.fromkeys(shares, _SHARE),
    )  # fmt: skip
    st.caption(
        f"Accuracies in percent with 95 % intervals by group. The baseline has {ablation.HIGHER} times the learning "
        "rate and no augmentation, as report B's had. Left out are photos that the network learnt from, of a "
        "label that it does not know, or that cannot be read. What report B reported could not be had; nothing "
        "is made up for it."
    )


def _custom(own: Ablation) -> dict[str, Custom]:
    """Run id -> its accuracy on the user's own photos, as far as it has been measured."""
    kept = st.session_state.setdefault(_KEPT, {})
    with st.expander("Photos of your own", icon=":material/add_photo_alternate:"):
        st.caption(
            "Labelled photos from another place than those in training, in one folder a label. Whole photos are shown "
            "to each network; photos that it learnt from are left out."
        )
        folder = pick_dataset("compare_custom_dataset")
        if folder and st.button("Measure the four networks on them", icon=":material/straighten:"):
            kept.update(_measured(own, folder))
    if folder is None:
        return {}
    return {run.id: kept[run.id, str(folder)] for run in own.runs if (run.id, str(folder)) in kept}


def _measured(own: Ablation, folder: Path) -> dict[tuple[str, str], Custom]:
    photos, results = store.scan(folder), {}
    bar = st.progress(0.0)
    for place, run in enumerate(own.runs):
        name = ablation.NAMES[place]

        def step(done: int, total: int, name: str = name) -> None:
            bar.progress(done / total, f"{name}: photo {done} of {total}")

        try:
            results[run.id, str(folder)] = ablation.measure(run, photos, step)
        except UserError as error:
            st.warning(plain(f"{name}: {error}"))
    bar.empty()
    return results


def _row(row: dict[str, Any], custom: Custom | None) -> dict[str, Any]:
    return {
        "setting": row["setting"],
        "validation acc.": 100 * row["validation"],
        "test acc.": 100 * row["test"],
        "test 95 % interval": _interval(row["test_interval"]),
        **(_custom_cells(custom) if custom else {}),
        "report B reported": "could not be had",
    }


def _custom_cells(custom: Custom) -> dict[str, Any]:
    return {
        "custom photos acc.": 100 * custom.accuracy.value,
        "custom 95 % interval": _interval(custom.accuracy.interval),
        "custom photos": custom.photos,
        "left out": custom.seen + custom.unknown + custom.refused,
    }


def _interval(low_high: Sequence[float]) -> str:
    return f"{100 * low_high[0]:.1f} to {100 * low_high[1]:.1f}"
