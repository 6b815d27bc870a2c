"""The form's choice between one training and a study of several."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.config import TrainConfig
from core.training import study
from core.training.study import Kind

_ONE = "One training"
_KINDS: dict[str, Kind] = {
    "Repeat over seeds": "repeats",
    "Grouped folds": "folds",
    "Ablation of learning rate and augmentation (second seed)": "ablation",
}
_COUNTED: dict[Kind, str] = {"repeats": "Seeds", "folds": "Folds"}
_FIRST_COUNT: dict[Kind, int] = {"repeats": 3, "folds": 5}
_HELP = (
    "One training says little about how much of its result is luck. Repeats train again with other seeds, each with a "
    "split of its own; folds test every photo once; the ablation trains four settings."
)


def choose(config: TrainConfig) -> list[TrainConfig]:
    """The trainings that Train would start, in their order. Raises UserError when the config does not fit the study."""
    chosen = st.selectbox(
        "Study", [_ONE, *_KINDS], key="form_study", help=_HELP, persist_state="session", filter_mode=None
    )
    if chosen == _ONE:
        return [config]
    kind = _KINDS[chosen]
    configs = study.configs(config, kind, _count(kind) if kind in _COUNTED else 0)
    st.caption(_words(kind, configs))
    return configs


def _count(kind: Kind) -> int:
    least, most = study.COUNTS[kind]
    key = f"form_{kind}"
    st.session_state.setdefault(key, _FIRST_COUNT[kind])
    return st.number_input(_COUNTED[kind], min_value=least, max_value=most, step=1, key=key, persist_state="session")


def _words(kind: Kind, configs: Sequence[TrainConfig]) -> str:
    if kind == "repeats":
        return f"Seeds {configs[0].seed} to {configs[-1].seed}, each with a split of its own."
    if kind == "folds":
        return "Every photo is tested once; training and validation share the rest as the split says."
    high, own = configs[0].learning_rate, configs[1].learning_rate
    return f"Learning rates {high:g} and {own:g}, each without and with augmentation."
