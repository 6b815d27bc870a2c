"""The training form's widgets: each takes title, help and bounds from TrainConfig, keeps its value in the session
under settings.key(field), and says where the preset has another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import streamlit as st

from core.networks.registry import NETWORKS
from core.schema import setting_words as words
from core.schema.train_config import IMAGENET, NO_WEIGHTS, STARTER, STARTER_BACKBONE, TrainConfig
from core.store import paths
from core.ui.common import cached_reads
from core.ui.training_form import settings


class Fields:
    """Draws widgets one by one and collects their `values`; `changed` are those that differ from the preset's.

    Each is drawn with what it holds as its default as well: Streamlit tells a browser only once that a value was put
    into a widget, and where that message is overtaken by the next, the widget would come up with, and send, another.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    @property
    def changed(self) -> dict[str, Any]:
        """Field -> the preset's value, of what has another one."""
        return settings.changed(self.values)

    def choice(self, name: str, follow: Callable[[], None] = lambda: None, disabled: bool = False) -> None:
        """A list to choose one from, and what a change of it brings with it."""
        title, text = words.describe(name)
        known = list(get_args(TrainConfig.model_fields[name].annotation))
        self._keep(name, st.selectbox(
            title, known, known.index(settings.value(name)), help=text, disabled=disabled, persist_state="session",
            filter_mode=None,
            format_func=lambda value: words.in_words(name, value), **settings.when_changed(name, follow),
        ))  # fmt: skip

    def toggle(self, name: str, disabled: bool = False) -> None:
        """On or off."""
        title, text = words.describe(name)
        self._keep(name, st.toggle(
            title, settings.value(name), key=settings.key(name), help=text, disabled=disabled, persist_state="session"
        ))  # fmt: skip

    def number(self, name: str) -> None:
        """A number within the field's bounds, of the type of its default."""
        title, text = words.describe(name)
        limits = words.bounds(name)
        kind = type(TrainConfig.model_fields[name].default)
        self._keep(name, st.number_input(
            title, min_value=kind(limits["ge"]), max_value=kind(limits["le"]), value=kind(settings.value(name)),
            step=kind(limits.get("step", 1)), format=limits.get("format"), key=settings.key(name), help=text,
            persist_state="session",
        ))  # fmt: skip

    def weights(self) -> None:
        """Where the network starts from: ImageNet, nothing, or one of its kind in models/."""
        title, text = words.describe("weights")
        backbone = self.values["backbone"]
        own = [path.name for path in cached_reads.own_model_files() if path.name.startswith(f"{backbone}-")]
        starter = [STARTER] if backbone == STARTER_BACKBONE and paths.STARTER_FILE.exists() else []
        known = [*([IMAGENET] if NETWORKS[backbone].imagenet else []), *starter, NO_WEIGHTS, *own]
        first = cached_reads.first_weights(backbone)
        options = [first, *(name for name in known if name != first)]
        if settings.value("weights") not in options:
            settings.put("weights", first)
        self._keep("weights", st.selectbox(
            title, options, options.index(settings.value("weights")), key=settings.key("weights"), help=text,
            persist_state="session",
        ))  # fmt: skip

    def split(self) -> None:
        """The three shares, by two handles of a slider."""
        title, text = words.describe("split")
        handles = st.slider(
            f"{title} (% training, validation, test)", 5, 95, settings.value("split"), key=settings.key("split"),
            step=5, persist_state="session",
            help=f"{text} Left handle: where validation begins; right handle: where test begins.",
        )  # fmt: skip
        first, second = handles
        st.caption(f"{first} % training, {second - first} % validation, {100 - second} % test")
        self._keep("split", (first / 100, (second - first) / 100, (100 - second) / 100))

    def _keep(self, name: str, value: Any) -> None:
        self.values[name] = value
        if name in (found := settings.changed({name: value})):
            st.caption(f":primary[●] changed from {words.in_words(name, found[name])}")


