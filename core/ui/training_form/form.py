"""The sidebar form: the fields of TrainConfig, one training or a sweep, what it will cost, and the Train button."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.networks.registry import NETWORKS
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import PRESETS
from core.schema.train_config import APART, TrainConfig
from core.store import runs
from core.text.markup import plain
from core.text.numbers import duration
from core.training.cost import sweep_forecast
from core.training.cost.estimate import Cost
from core.training.lifecycle import launch
from core.training.sweeps import study, sweeper
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.training_form import estimates, fields
from core.ui.training_form import study as form_study
from core.ui.training_form.study import Chosen

_FIRST_PRESET = "Balanced"
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
        # The folder has a picker, folds are a sweep.
        if name not in APART:
            st.session_state[f"form_{name}"] = values.get(name, field.default)
    if "weights" not in PRESETS[preset]:
        st.session_state["form_weights"] = cached_reads.first_weights(st.session_state["form_backbone"])
    train, val, _ = st.session_state["form_split"]
    st.session_state["form_split"] = (round(100 * train), round(100 * (train + val)))


def choose_dataset(folder: Path) -> None:
    """Make a folder the form's dataset (called before the form is drawn)."""
    cached_reads.datasets.clear()
    st.session_state["form_dataset"] = str(folder)


def _preset_chosen() -> None:
    fill(st.session_state["form_preset"])


def _network_chosen() -> None:
    backbone, state = st.session_state["form_backbone"], st.session_state
    state["form_weights"] = cached_reads.first_weights(backbone)
    state["form_wrong_mask"] = not NETWORKS[backbone].one_logit
    _mode_chosen()


def _mode_chosen() -> None:
    state = st.session_state
    values = configs.fill_in({"backbone": state["form_backbone"], "mode": state["form_mode"]})
    default = TrainConfig.model_fields["learning_rate"].default
    state["form_learning_rate"] = values.get("learning_rate", default)


def _fields() -> dict[str, Any]:
    values: dict[str, Any] = {"dataset": pick_dataset("form_dataset")}
    spec = NETWORKS[st.session_state["form_backbone"]]
    has_third = values["dataset"] is None or Label.WRONG_MASK in cached_reads.counts(str(values["dataset"]))
    if has_third:
        values["wrong_mask"] = fields.toggle("wrong_mask", disabled=spec.one_logit)
    else:
        values["wrong_mask"] = not spec.one_logit
        st.caption("These photos have no wrong_mask: two classes.")
    values["backbone"] = fields.choice("backbone", on_change=_network_chosen)
    values["mode"] = fields.choice("mode", on_change=_mode_chosen, disabled=spec.retrain_from is None)
    values["epochs"] = fields.number("epochs")
    values["image_size"] = fields.number("image_size")
    with st.expander("All settings", icon=":material/tune:"):
        values["weights"] = fields.weights(values["backbone"])
        values["augment"] = fields.toggle("augment")
        values["robust"] = fields.toggle("robust")
        for name in ("batch_size", "learning_rate"):
            values[name] = fields.number(name)
        values["schedule"] = fields.choice("schedule")
        values["optimizer"] = fields.choice("optimizer")
        if values["optimizer"] == "sgd":
            values["momentum"] = fields.number("momentum")
        if spec.trains_head(values["mode"]):
            values["views"] = fields.number("views")
        values["precision"] = fields.choice("precision")
        values["split"] = fields.split()
        values["patience"] = fields.number("patience")
        values["class_weighting"] = fields.toggle("class_weighting")
        values["seed"] = fields.number("seed")
    return values


def _train_button(values: dict[str, Any]) -> None:
    folder = values.pop("dataset")
    if folder is None:
        st.info("Choose a folder of photos first.")
        st.button("Train", type="primary", width="stretch", disabled=True)
        return
    config = configs.make(values | {"dataset": str(folder)})
    counts = cached_reads.counts(str(folder))
    chosen = form_study.choose(config, counts)
    if problem := _weights_problem(chosen):
        st.warning(plain(problem), icon=":material/cloud_off:")
    seconds = [] if problem else _cost(chosen, counts)
    if st.button("Train", type="primary", width="stretch", disabled=not seconds, icon=":material/play_arrow:"):
        with st.spinner("Checking the photos"):
            _start(chosen, seconds)


def _start(chosen: Chosen, seconds: list[float]) -> None:
    state = st.session_state
    if chosen.kind is None:
        state["form_started"] = launch.start(chosen.rows[0].config).id
        return
    title = study.title(chosen.kind, chosen.rows)
    sweep = sweeper.start(title, chosen.kind, chosen.rows, seconds, custom_photos=chosen.custom_photos)
    state["form_started"] = sweep.id
    state["form_together"] = {sweep.id: len(chosen.rows)}


def _weights_problem(chosen: Chosen) -> str | None:
    """Why the starting weights of some row are unavailable, or None."""
    return next((problem for row in chosen.rows if (problem := cached_reads.weights_problem(row.config))), None)


def _cost(chosen: Chosen, counts: Mapping[Label, int]) -> list[float]:
    """Say what the trainings will cost; returns the seconds of each, 0 where they can't be known."""
    if not chosen.rows:
        return []
    try:
        costs = sweep_forecast.costs([row.config for row in chosen.rows], counts, estimates.ask)
    except estimates.Measuring:
        st.fragment(_measuring, run_every=1.0)(chosen, counts)
        return [0.0] * len(chosen.rows)
    except UserError as error:
        st.caption(plain(str(error)))
        return [0.0] * len(chosen.rows)
    seconds = [cost.seconds for cost in costs]
    time = duration(sum(seconds))
    words = f"About **{time}**" if chosen.kind is None else f"{len(costs)} trainings, about **{time}**"
    waiting = sum(run.state.active for run in runs.every())
    queue = f" It waits for {waiting} run(s) before it." if waiting else ""
    # The last one stands for all of the same network: it has augmentation, where others of an ablation do not.
    last = chosen.rows[-1].config
    size = "" if chosen.kind in ("report_a", "grid") else _size(costs[-1], sweep_forecast.used(last, counts)[1])
    st.caption(f"{size}{words} on this machine ({costs[-1].basis}).{queue}")
    return seconds


def _measuring(chosen: Chosen, counts: Mapping[Label, int]) -> None:
    """Said until the estimate is there; then the form is drawn anew."""
    try:
        sweep_forecast.costs([row.config for row in chosen.rows], counts, estimates.ask)
    except estimates.Waiting:
        st.caption("How long it takes is measured once no training is running; start it whenever you like.")
    except estimates.Measuring:
        st.caption("Measuring how fast this machine trains…")
    except UserError:
        st.rerun()
    else:
        st.rerun()


def _size(cost: Cost, classes: int) -> str:
    return (
        f"{cost.photos:,} training photos of {classes} labels. {_millions(cost.trainable)} of "
        f"{_millions(cost.parameters)} parameters are trained. "
    )


def _started() -> None:
    started = st.session_state.get("form_started")
    if not started:
        return
    count = st.session_state.get("form_together", {}).get(started)
    if count:
        many = "One training has" if count == 1 else f"{count} trainings have"
        st.success(f"{many} started in the background, one after another.", icon=":material/check:")
        st.page_link(_RUNS_PAGE, label="Watch them", icon=":material/monitoring:", query_params={"sweep": started})
    else:
        st.success("Training has started in the background.", icon=":material/check:")
        st.page_link(_RUNS_PAGE, label="Watch this run", icon=":material/monitoring:", query_params={"run": started})


def _millions(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 100_000 else f"{count:,}"
