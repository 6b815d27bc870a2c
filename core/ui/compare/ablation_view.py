"""The ablation on Compare and on a sweep's page: what the learning rate and augmentation do, also on photos of the
user's own, beside what report B published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.compare import ablation
from core.evaluation.compare.ablation import Ablation
from core.evaluation.compare.student_reports import SOURCE_B
from core.schema.errors import UserError
from core.store.runs import Run
from core.text.markup import plain
from core.text.numbers import span
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.compare.choice import run_title

_SHARE = st.column_config.NumberColumn(format="%.2f")
_SHARES = (
    "validation acc.", "report B's validation", "test acc.", "custom photos acc.", "custom, whole", "custom, cropped",
    "report B's custom",
)  # fmt: skip


def show(finished: Sequence[Run], key: str) -> bool:
    """The table of an ablation among these runs and its measurement on photos of one's own; False where there is
    none."""
    found = ablation.find(finished)
    if not found:
        return False
    st.header("Ablation: learning rate and augmentation")
    own = found[0]
    if len(found) > 1:
        place = st.selectbox(
            "Ablation", range(len(found)), key=f"{key}_ablation",
            format_func=lambda place: run_title(found[place].runs[-1]),
        )  # fmt: skip
        own = found[place]
    _measuring(own, key)
    st.dataframe(
        pd.DataFrame([_row(row) for row in own.as_rows()]), width="stretch", hide_index=True, height="content",
        column_config=dict.fromkeys(_SHARES, _SHARE),
    )  # fmt: skip
    st.caption(
        f"Accuracies in percent with 95 % intervals by group. The baseline has {own.factor:g} times the learning rate "
        f"and no augmentation. Report B's figures are its own, not measured here, on other photos: {SOURCE_B}. Of "
        "8 photos, 50 % leave an interval of 22 to 78 %, and 100 % one of 68 to 100 %."
    )
    return True


def _measuring(own: Ablation, key: str) -> None:
    with st.expander("Photos of your own", icon=":material/add_photo_alternate:"):
        st.caption(
            "Labelled photos from another place than those in training, in one folder per label. Each is shown to the "
            "four networks whole, and cropped to its largest face. Photos that a network learnt from are left out."
        )
        folder = pick_dataset(f"{key}_custom_dataset")
        if folder and st.button("Measure the four networks on them", icon=":material/straighten:", key=f"{key}_custom"):
            _measure(own, folder)
    if custom := own.customs()[-1]:
        st.caption(
            f"Custom photos from {plain(custom.folder)}: {custom.photos} whole, {custom.faces} cropped, "
            f"{custom.left_out} left out (learnt from, of a label that the networks do not know, or unreadable)."
        )


def _measure(own: Ablation, folder: Path) -> None:
    photos, bar = cached_reads.scan(folder), st.progress(0.0)
    try:
        ablation.measure(own, photos, lambda done, total: bar.progress(done / total, f"Photo {done} of {total}"))
    except UserError as error:
        st.warning(plain(str(error)))
    finally:
        bar.empty()


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "setting": row["setting"],
        "learning rate": f"{row['learning_rate']:g}",
        "validation acc.": 100 * row["validation"],
        "report B's validation": 100 * row["reported_validation"],
        "test acc.": 100 * row["test"],
        "test 95 % interval": span(row["test_interval"]),
        **(_custom(row["custom"]) if row["custom"] else {}),
        "report B's custom": 100 * row["reported_custom"],
    }


def _custom(custom: dict[str, Any]) -> dict[str, Any]:
    shown = {}
    for name, column in (("both", "custom photos acc."), ("whole", "custom, whole"), ("cropped", "custom, cropped")):
        known = name != "cropped" or custom["faces"]
        shown[column] = 100 * custom[name]["value"] if known else None
        shown[f"{column} 95 %"] = span((custom[name]["low"], custom[name]["high"])) if known else "no face found"
    return shown
