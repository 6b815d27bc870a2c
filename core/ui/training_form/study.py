"""The form's choice between one training and a sweep of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.networks.registry import DEFAULT
from core.schema.labels import Label
from core.schema.presets import REPORT_A_BACKBONE, REPORT_A_SCRATCH
from core.schema.train_config import IMAGENET, NO_WEIGHTS, TrainConfig
from core.store.sweeps import Kind
from core.text.markup import plain
from core.training.sweeps import report_a_table, study
from core.training.sweeps.study import Planned, Repetition
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.training_form import grid

_ONE = "One training"
_KINDS: dict[str, Kind] = {
    "Repeat over seeds": "repeats",
    "Grouped folds": "folds",
    "Leave one source out": "sources",
    "Ablation of learning rate and augmentation (report B)": "ablation",
    "Report A's table (12 trainings)": "report_a",
    "Grid: every combination of some settings": "grid",
}
_REPETITIONS: dict[str, Repetition | None] = {"Once": None, "Repeat over seeds": "repeats", "Grouped folds": "folds"}
_COUNTED: dict[Repetition, str] = {"repeats": "Seeds", "folds": "Folds"}
_FIRST_COUNT: dict[Repetition, int] = {"repeats": 3, "folds": 5}
_HELP = (
    "One training says little about how much of its result is luck. Repeats train again with other seeds, each with a "
    "split of its own; folds test every photo once; leaving one source out tests on cameras or "
    "sets that training never saw; the ablation trains four settings, report A's table its "
    "twelve, a grid every combination of the values that you give."
)
# What report A's table takes from the form; the rest is as report A had it.
_TABLE_TAKES = ("dataset", "seed", "views", "precision")


@dataclass(frozen=True)
class Chosen:
    """The trainings that Train would start, in their order; `kind` is None for one training. No rows: not ready. An
    ablation's networks are measured on `custom_photos` at the end."""

    kind: Kind | None
    rows: list[Planned]
    custom_photos: Path | None = None


def choose(config: TrainConfig, counts: Mapping[Label, int]) -> Chosen:
    """Ask what to train on photos of so many per label. Raises UserError when the config does not fit the choice."""
    chosen = st.selectbox(
        "Experiment", [_ONE, *_KINDS], key="form_study", help=_HELP, persist_state="session", filter_mode=None
    )
    if chosen == _ONE:
        return Chosen(None, study.one(config))
    kind = _KINDS[chosen]
    if kind == "sources":
        return Chosen(kind, _without_each(config))
    variants = _variants(kind, config, counts)
    if not variants:
        return Chosen(kind, [])
    if kind in _COUNTED:
        rows = study.repeated(variants, kind, _count(kind))
        st.caption(_words(kind, rows))
        return Chosen(kind, rows)
    again = st.selectbox(
        "Each of them", list(_REPETITIONS), key="form_each", persist_state="session", filter_mode=None,
        help="Once, or so often that the table can say how much of a difference is luck.",
    )  # fmt: skip
    repetition = _REPETITIONS[again]
    rows = study.repeated(variants, repetition, _count(repetition) if repetition else 0)
    return Chosen(kind, rows, _custom_photos() if kind == "ablation" else None)


def _without_each(config: TrainConfig) -> list[Planned]:
    found = cached_reads.held_out_sources(cached_reads.scan(config.folder), config.labels)
    st.caption(plain(found.words))
    return study.without_each(config, found.tested)


def _variants(kind: Kind, config: TrainConfig, counts: Mapping[Label, int]) -> list[Planned]:
    if kind == "ablation":
        variants = study.ablation(config, _factor())
        high, own = variants[0].config.learning_rate, config.learning_rate
        st.caption(f"Learning rates {high:g} and {own:g}, each without and with augmentation.")
        return variants
    if kind == "report_a":
        return _table(config, counts)
    if kind == "grid":
        return grid.choose(config)
    return study.one(config)


def _factor() -> float:
    key = "form_factor"
    held = st.session_state.get(key, study.FACTOR)
    return st.number_input(
        "The baseline's learning rate, times", study.LEAST_FACTOR, study.MOST_FACTOR, held, step=1.0, format="%g",
        key=key, persist_state="session", help="Report B's baseline had 0.01, twice its adjusted rate.",
    )  # fmt: skip


def _custom_photos() -> Path | None:
    folder = pick_dataset("form_custom_photos", "Custom photos", "None")
    st.caption(
        "Labelled photos from elsewhere, on which the networks are measured at the end, whole and cropped to the face."
    )
    return folder


def _table(config: TrainConfig, counts: Mapping[Label, int]) -> list[Planned]:
    options: dict[str, Any] = {"key": "form_table_backbone", "persist_state": "session", "filter_mode": None}
    backbone = st.selectbox(
        f"Network beside {REPORT_A_SCRATCH}", report_a_table.NETWORKS_BESIDE, **options,
        help=f"Report A's was {REPORT_A_BACKBONE}; {DEFAULT} trains several times as fast.",
    )  # fmt: skip
    weights = st.selectbox(
        "Its starting weights", [IMAGENET, NO_WEIGHTS], key="form_table_weights", persist_state="session",
        filter_mode=None,
    )  # fmt: skip
    if not report_a_table.has_third(counts):
        st.caption("These photos have no wrong_mask: the six two-class rows alone.")
    st.caption("Report A's 60 epochs, sizes, batches and split; only the seed and the speed settings are the form's.")
    taken = {name: getattr(config, name) for name in _TABLE_TAKES}
    return report_a_table.variants(taken | {"backbone": backbone, "weights": weights}, counts)


def _count(repetition: Repetition) -> int:
    least, most = study.COUNTS[repetition]
    key = f"form_{repetition}"
    return st.number_input(
        _COUNTED[repetition], least, most, st.session_state.get(key, _FIRST_COUNT[repetition]), step=1, key=key,
        persist_state="session",
    )  # fmt: skip


def _words(repetition: Repetition, rows: list[Planned]) -> str:
    if repetition == "repeats":
        return f"Seeds {rows[0].config.seed} to {rows[-1].config.seed}, each with a split of its own."
    return "Every photo is tested once; training and validation share the rest as the split says."
