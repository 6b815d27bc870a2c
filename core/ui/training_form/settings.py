"""What the form's widgets hold, in the session under key(field): filled from a preset or another run's settings, and
what of it differs from the preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.networks.registry import DEFAULT, NETWORKS
from core.schema import train_config as configs
from core.schema.presets import CHOICES, FIRST_CHOICE, PRESETS, PUBLISHED
from core.schema.train_config import APART, TrainConfig
from core.store import paths
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import OTHER

CHOICE, RECIPE, DATASET = "choice", "recipe", "dataset"
"""Fields of the form that are no setting of a training but decide about them: see key()."""
ASKED = "form_asked"
"""In the session: settings that the form is filled with when it is drawn next."""
# The preset as it was last chosen: a list that is drawn anew may lose what was chosen in it.
_LAST = "form_preset"
# Field -> how often the app has put another value into its widget.
_TIMES_PUT = "form_times_put"
# The folder has a picker, folds are an experiment.
FIELDS = tuple(name for name in TrainConfig.model_fields if name not in APART)


def key(field: str) -> str:
    """The session's key of a field's widget. Where the app puts another value in, the key is a new one: what the
    browser sends before it shows that value still has the old key, and would put the old value back."""
    times = st.session_state.get(_TIMES_PUT, {}).get(field, 0)
    return f"form_{field}.{times}" if times else f"form_{field}"


def value(field: str, default: Any = None) -> Any:
    """What a field's widget holds now, or the default before the form was drawn."""
    return st.session_state.get(key(field), default)


def put(field: str, content: Any) -> None:
    """Put a value into a field's widget, before it is drawn."""
    state = st.session_state
    if key(field) in state and state[key(field)] != content:
        times = state.setdefault(_TIMES_PUT, {})
        times[field] = times.get(field, 0) + 1
    state[key(field)] = content


def when_changed(field: str, follow: Callable[[], None]) -> dict[str, Any]:
    """A widget's key and callback. A change of a key that the field no longer has is a late message, and ignored."""
    return {"key": key(field), "on_change": _follow, "args": (field, key(field), follow)}


def begin() -> None:
    """Before the form is drawn: give its widgets what they need, and what was asked for."""
    state = st.session_state
    if key(CHOICE) not in state:
        put(CHOICE, FIRST_CHOICE)
        put(RECIPE, None)
        reset()
    _choose(preset())
    if asked := state.pop(ASKED, None):
        _choose(nearest(asked))
        _fill(asked)
        choose_dataset(Path(asked["dataset"]))


def preset() -> str:
    """The name of the preset that the form started from."""
    state = st.session_state
    state[_LAST] = value(RECIPE) or value(CHOICE) or state[_LAST]
    return str(state[_LAST])


def choice_made() -> None:
    """A widget's callback: one of the three choices."""
    put(RECIPE, None)
    reset()


def recipe_made() -> None:
    """A widget's callback: a published recipe, or none of them any more."""
    put(CHOICE, None if value(RECIPE) else FIRST_CHOICE)
    reset()


def reset() -> None:
    """Put the preset's values into the widgets. Whether wrong_mask is trained on is asked apart, and stays."""
    values = of_preset(preset())
    before = NETWORKS.get(value("backbone", ""))
    if values["wrong_mask"] and before and not before.one_logit:
        values["wrong_mask"] = value("wrong_mask")
    _fill(values)


def of_preset(name: str) -> dict[str, Any]:
    """All values of a preset but the folder: its own, what follows from the network, and the defaults."""
    values = configs.fill_in(PRESETS[name])
    backbone = values.get("backbone", DEFAULT)
    values.setdefault("weights", cached_reads.first_weights(backbone))
    return {field: values.get(field, TrainConfig.model_fields[field].default) for field in FIELDS}


def changed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> the preset's value, of those under Advanced that are another one now."""
    base = of_preset(preset())
    # With or without wrong_mask is asked before the presets' settings, and not one of them.
    return {name: base[name] for name in FIELDS if name in values and name != "wrong_mask" and
            _differ(values[name], base[name])}  # fmt: skip


def nearest(values: Mapping[str, Any]) -> str:
    """The preset from which these settings differ least."""
    bases = {name: of_preset(name) for name in PRESETS}
    return min(bases, key=lambda name: sum(_differ(values.get(field), bases[name][field]) for field in FIELDS))


def network_chosen() -> None:
    """A widget's callback: what follows from another network."""
    backbone = value("backbone")
    put("weights", cached_reads.first_weights(backbone))
    put("wrong_mask", not NETWORKS[backbone].one_logit)
    mode_chosen()


def mode_chosen() -> None:
    """A widget's callback: the learning rate that follows from the layers to train."""
    values = configs.fill_in({"backbone": value("backbone"), "mode": value("mode")})
    put("learning_rate", values.get("learning_rate", TrainConfig.model_fields["learning_rate"].default))


def choose_dataset(folder: Path) -> None:
    """Make a folder the form's dataset (called before the form is drawn)."""
    cached_reads.datasets.clear()
    offered = str(folder) in map(str, cached_reads.datasets(str(paths.home())))
    put(DATASET, str(folder) if offered else OTHER)
    if not offered:
        st.session_state[f"{key(DATASET)}_path"] = str(folder)


def _follow(field: str, changed: str, follow: Callable[[], None]) -> None:
    if changed == key(field):
        follow()


def _choose(name: str) -> None:
    put(CHOICE, name if name in CHOICES else None)
    put(RECIPE, name if name in PUBLISHED else None)


def _fill(values: Mapping[str, Any]) -> None:
    own = {name: values.get(name, TrainConfig.model_fields[name].default) for name in FIELDS}
    train, val, _ = own["split"]
    own["split"] = (round(100 * train), round(100 * (train + val)))
    for field, content in own.items():
        put(field, content)


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, (tuple, list)):
        return any(abs(left - right) > 1e-6 for left, right in zip(one, other, strict=True))
    return bool(one != other)
