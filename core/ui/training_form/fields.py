"""The training form's widgets: each takes title, help and bounds from TrainConfig and keeps its value in the session
under form_<field>."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from core.networks.registry import NETWORKS
from core.schema import train_config as configs
from core.schema.train_config import IMAGENET, NO_WEIGHTS, STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths
from core.ui.common import cached_reads


def choice(name: str, **options: Any) -> str:
    """A list to choose one from."""
    title, text = configs.describe(name)
    known = list(get_args(TrainConfig.model_fields[name].annotation))
    return st.selectbox(
        title, known, key=f"form_{name}", help=text, persist_state="session", filter_mode=None, **options
    )


def toggle(name: str, disabled: bool = False) -> bool:
    """On or off."""
    title, text = configs.describe(name)
    return st.toggle(title, key=f"form_{name}", help=text, disabled=disabled, persist_state="session")


def number(name: str) -> float:
    """A number within the field's bounds, of the type of its default."""
    title, text = configs.describe(name)
    limits = configs.bounds(name)
    kind = type(TrainConfig.model_fields[name].default)
    return st.number_input(
        title, min_value=kind(limits["ge"]), max_value=kind(limits["le"]), step=kind(limits.get("step", 1)),
        format=limits.get("format"), key=f"form_{name}", help=text, persist_state="session",
    )  # fmt: skip


def weights(backbone: str) -> str:
    """Where that network starts from: ImageNet, nothing, or one of its kind in models/."""
    title, text = configs.describe("weights")
    own = [path.name for path in cached_reads.own_model_files() if path.name.startswith(f"{backbone}-")]
    starter = [STARTER] if backbone == STARTER_BACKBONE and paths.STARTER_FILE.exists() else []
    known = [*([IMAGENET] if NETWORKS[backbone].imagenet else []), *starter, NO_WEIGHTS, *own]
    first = cached_reads.first_weights(backbone)
    options = [first, *(name for name in known if name != first)]
    if st.session_state["form_weights"] not in options:
        st.session_state["form_weights"] = first
    return st.selectbox(title, options, key="form_weights", help=text, persist_state="session")


def split() -> tuple[float, float, float]:
    """The three shares, by two handles of a slider."""
    title, text = configs.describe("split")
    # Its value, a pair, is in the session state; the types go by the value that is passed.
    handles: Any = st.slider(
        f"{title} (% training, validation, test)", 5, 95, key="form_split", step=5, persist_state="session",
        help=f"{text} Left handle: where validation begins; right handle: where test begins.",
    )  # fmt: skip
    first, second = handles
    st.caption(f"{first} % training, {second - first} % validation, {100 - second} % test")
    return first / 100, (second - first) / 100, (100 - second) / 100
