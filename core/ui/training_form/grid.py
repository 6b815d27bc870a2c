"""The form's grid: which settings to vary, and the values of each."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import streamlit as st

from core.schema.setting_words import describe, in_words
from core.schema.train_config import IMAGENET, NO_WEIGHTS, STARTER, TrainConfig
from core.training.sweeps import grid
from core.training.sweeps.study import Planned
from core.ui.common import cached_reads

_MOST_AXES = 4


def choose(config: TrainConfig) -> list[Planned]:
    """The grid's variants, none as long as no setting is chosen; the config has the settings that are not varied.
    Raises UserError for values that can't be trained."""
    with st.container(border=True):
        names = st.multiselect(
            "Settings to vary", grid.AXES, format_func=lambda name: describe(name)[0], max_selections=_MOST_AXES,
            key="form_grid", persist_state="session",
        )  # fmt: skip
        axes = {name: _values(name, getattr(config, name)) for name in names}
    if not names:
        st.caption("Choose one or a few settings; every combination of their values is trained.")
        return []
    return grid.variants(config.model_dump(), axes)


def _values(name: str, now: Any) -> list[Any]:
    title, key = describe(name)[0], f"form_grid_{name}"
    if options := _options(name):
        held = [value for value in st.session_state.get(key, [now]) if value in options]
        return st.multiselect(
            title, options, held, format_func=lambda value: in_words(name, value), key=key, persist_state="session"
        )
    hint = "shares in percent: 70/20/10, 60/20/20" if name == "split" else "with commas between"
    held = st.session_state.get(key, _typed(name, now))
    return grid.read_values(name, st.text_input(f"{title} ({hint})", held, key=key, persist_state="session"))


def _options(name: str) -> list[Any]:
    """The values there are to choose from; none where they are typed."""
    kind = TrainConfig.model_fields[name].annotation
    if name == "weights":
        return [IMAGENET, NO_WEIGHTS, STARTER, *(path.name for path in cached_reads.own_model_files())]
    if kind is bool:
        return [True, False]
    return list(get_args(kind)) if get_origin(kind) is Literal else []


def _typed(name: str, now: Any) -> str:
    return "/".join(f"{100 * share:g}" for share in now) if name == "split" else f"{now:g}"
