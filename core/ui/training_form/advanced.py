"""Everything else about a training, folded away: published recipes, an experiment of several trainings, and each
setting, in groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.networks.registry import NETWORKS
from core.schema.presets import PUBLISHED
from core.ui.training_form import settings
from core.ui.training_form.fields import Fields
from core.ui.training_form.study import Chosen


def show(fields: Fields, experiment: Callable[[dict[str, Any]], Chosen]) -> Chosen:
    """Draw it, and put its values beside those of the form above. `experiment` asks, with all values, which trainings
    are wanted. Raises UserError for values that can't be trained."""
    with st.expander("Advanced", icon=":material/tune:"):
        head = st.container()
        for title, draw in _GROUPS.items():
            st.markdown(f"**{title}**")
            draw(fields)
        with head:
            _preset(len(fields.changed))
        st.markdown("**Several trainings**")
        return experiment(fields.values)


def _preset(changed: int) -> None:
    st.selectbox(
        "Published recipes", list(PUBLISHED), index=None, placeholder="None", persist_state="session", filter_mode=None,
        **settings.when_changed(settings.RECIPE, settings.recipe_made),
        help="A preset of its own: the settings as reports A and B published them.",
    )  # fmt: skip
    st.button(
        "Reset to preset", icon=":material/undo:", disabled=not changed, on_click=settings.reset, width="stretch",
        help="Gives every setting below the preset's value again.",
    )  # fmt: skip


def _network(fields: Fields) -> None:
    fields.choice("backbone", follow=settings.network_chosen)
    spec = NETWORKS[fields.values["backbone"]]
    fields.choice("mode", follow=settings.mode_chosen, disabled=spec.retrain_from is None)
    fields.weights()
    fields.number("image_size")
    fields.choice("precision")


def _learning(fields: Fields) -> None:
    for name in ("epochs", "patience", "batch_size", "learning_rate"):
        fields.number(name)
    fields.choice("schedule")
    fields.choice("optimizer")
    if fields.values["optimizer"] == "sgd":
        fields.number("momentum")
    fields.toggle("class_weighting")
    fields.number("label_smoothing")
    fields.toggle("average_weights")


def _photos(fields: Fields) -> None:
    fields.toggle("augment")
    fields.toggle("robust")
    fields.toggle("drawn_masks")
    if NETWORKS[fields.values["backbone"]].trains_head(fields.values["mode"]):
        fields.number("views")
    fields.split()
    fields.number("seed")


_GROUPS: dict[str, Callable[[Fields], None]] = {"Network": _network, "Learning": _learning, "Photos": _photos}
