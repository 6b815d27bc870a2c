"""The sidebar form: every field of TrainConfig, what the run will cost, and the Train button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core import config as configs
from core import runs
from core.config import IMAGENET, NO_WEIGHTS, PRESETS, TrainConfig
from core.errors import UserError
from core.labels import TWO_CLASSES, Label
from core.training import launch
from core.ui import store
from core.ui.dataset_picker import pick_dataset
from core.ui.page import duration, plain

_FIRST_PRESET = "Balanced"
_CHOICES = {
    "backbone": ["MobileNet", "ResNet", "ResNetLogit", "BasicCNN"],
    "mode": ["not_retrain", "retrain"],
    "optimizer": ["adam", "sgd"],
    "schedule": ["cosine", "constant"],
}
_RUNS_PAGE = "pages/2_Runs.py"


def training_form() -> None:
    """Draw the form in the sidebar and start a run when Train is pressed."""
    with st.sidebar:
        st.subheader("Train a network")
        if "form_preset" not in st.session_state:
            st.session_state["form_preset"] = _FIRST_PRESET
            fill(_FIRST_PRESET)
        st.selectbox("Preset", list(PRESETS), key="form_preset", on_change=_preset_chosen, persist_state="session",
                     help="A starting point; every setting below can still be changed.")  # fmt: skip
        try:
            _train_button(_fields())
        except UserError as error:
            st.error(plain(str(error)))
        _started()


def fill(preset: str) -> None:
    """Put a preset's values, and the defaults for the rest, into the form's widgets."""
    values = configs.fill_in(PRESETS[preset])
    for name, field in TrainConfig.model_fields.items():
        if name != "dataset":
            st.session_state[f"form_{name}"] = values.get(name, field.default)
    train, val, _ = st.session_state["form_split"]
    st.session_state["form_split"] = (round(100 * train), round(100 * (train + val)))


def choose_dataset(folder: Path) -> None:
    """Make a folder the form's dataset (called before the form is drawn)."""
    store.datasets.clear()
    st.session_state["form_dataset"] = str(folder)


def _preset_chosen() -> None:
    fill(st.session_state["form_preset"])


def _network_chosen() -> None:
    backbone, state = st.session_state["form_backbone"], st.session_state
    state["form_weights"] = NO_WEIGHTS if backbone == "BasicCNN" else IMAGENET
    state["form_wrong_mask"] = backbone != "ResNetLogit"
    _mode_chosen()


def _mode_chosen() -> None:
    state = st.session_state
    values = configs.fill_in({"backbone": state["form_backbone"], "mode": state["form_mode"]})
    default = TrainConfig.model_fields["learning_rate"].default
    state["form_learning_rate"] = values.get("learning_rate", default)


def _fields() -> dict[str, Any]:
    values: dict[str, Any] = {"dataset": pick_dataset("form_dataset")}
    has_third = values["dataset"] is None or Label.WRONG_MASK in store.counts(str(values["dataset"]))
    if has_third:
        values["wrong_mask"] = _toggle("wrong_mask", disabled=st.session_state["form_backbone"] == "ResNetLogit")
    else:
        values["wrong_mask"] = st.session_state["form_backbone"] != "ResNetLogit"
        st.caption("These photos have no wrong_mask: two classes.")
    values["backbone"] = _choice("backbone", on_change=_network_chosen)
    values["mode"] = _choice("mode", on_change=_mode_chosen, disabled=values["backbone"] == "BasicCNN")
    values["epochs"] = _number("epochs")
    values["image_size"] = _number("image_size")
    with st.expander("All settings", icon=":material/tune:"):
        values["weights"] = _weights(values["backbone"])
        values["augment"] = _toggle("augment")
        for name in ("batch_size", "learning_rate"):
            values[name] = _number(name)
        values["schedule"] = _choice("schedule")
        values["optimizer"] = _choice("optimizer")
        values["split"] = _split()
        values["patience"] = _number("patience")
        values["class_weighting"] = _toggle("class_weighting")
        values["seed"] = _number("seed")
    return values


def _train_button(values: dict[str, Any]) -> None:
    folder = values.pop("dataset")
    if folder is None:
        st.info("Choose a folder of photos first.")
        st.button("Train", type="primary", width="stretch", disabled=True)
        return
    config = configs.make(values | {"dataset": str(folder)})
    counts = store.counts(str(folder))
    used = {label: count for label, count in counts.items() if config.wrong_mask or label in TWO_CLASSES}
    if problem := store.weights_problem(config):
        st.warning(plain(problem), icon=":material/cloud_off:")
    else:
        _cost(config, sum(used.values()), len(used))
    if st.button("Train", type="primary", width="stretch", disabled=bool(problem), icon=":material/play_arrow:"):
        with st.spinner("Checking the photos"):
            st.session_state["form_started"] = launch.start(config).id


def _cost(config: TrainConfig, photos: int, classes: int) -> None:
    cost = store.estimate(config.model_dump(), photos, classes)
    waiting = sum(run.state.active for run in runs.every()[:20])
    queue = f" It waits for {waiting} run(s) before it." if waiting else ""
    st.caption(
        f"{cost.photos:,} training photos of {classes} labels. {_millions(cost.trainable)} of "
        f"{_millions(cost.parameters)} parameters are trained. About **{duration(cost.seconds)}** on this machine "
        f"({cost.basis}).{queue}"
    )


def _started() -> None:
    run_id = st.session_state.get("form_started")
    if not run_id:
        return
    st.success("Training has started in the background.", icon=":material/check:")
    st.page_link(_RUNS_PAGE, label="Watch this run", icon=":material/monitoring:", query_params={"run": run_id})


def _millions(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 100_000 else f"{count:,}"


def _choice(name: str, **options: Any) -> str:
    title, text = configs.describe(name)
    return st.selectbox(
        title, _CHOICES[name], key=f"form_{name}", help=text, persist_state="session", filter_mode=None, **options
    )


def _toggle(name: str, disabled: bool = False) -> bool:
    title, text = configs.describe(name)
    return st.toggle(title, key=f"form_{name}", help=text, disabled=disabled, persist_state="session")


def _number(name: str) -> float:
    title, text = configs.describe(name)
    limits = configs.bounds(name)
    number = type(TrainConfig.model_fields[name].default)
    return st.number_input(
        title, min_value=number(limits["ge"]), max_value=number(limits["le"]), step=number(limits.get("step", 1)),
        format=limits.get("format"), key=f"form_{name}", help=text, persist_state="session",
    )  # fmt: skip


def _weights(backbone: str) -> str:
    title, text = configs.describe("weights")
    own = [path.name for path in store.model_files() if path.name.startswith(f"{backbone}-")]
    options = [*([] if backbone == "BasicCNN" else [IMAGENET]), NO_WEIGHTS, *own]
    if st.session_state["form_weights"] not in options:
        st.session_state["form_weights"] = options[0]
    return st.selectbox(title, options, key="form_weights", help=text, persist_state="session")


def _split() -> tuple[float, float, float]:
    title, text = configs.describe("split")
    first, second = st.slider(
        f"{title} (% training, validation, test)", 5, 95, key="form_split", step=5, persist_state="session",
        help=f"{text} Left handle: where validation begins; right handle: where test begins.",
    )  # fmt: skip
    st.caption(f"{first} % training, {second - first} % validation, {100 - second} % test")
    return first / 100, (second - first) / 100, (100 - second) / 100
