"""The sidebar form: photos, one of three choices, with or without wrong_mask, and Train; all else under Advanced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core.networks.registry import NETWORKS
from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import CHOICES, few_photos_advice
from core.schema.setting_words import describe
from core.schema.train_config import make
from core.text.markup import plain
from core.training.lifecycle import launch
from core.training.sweeps import study, sweeper
from core.ui.common import cached_reads
from core.ui.common.dataset_picker import pick_dataset
from core.ui.common.page import go_to
from core.ui.training_form import advanced, cost, settings
from core.ui.training_form import study as form_study
from core.ui.training_form.fields import Fields
from core.ui.training_form.study import Chosen

_RUNS_PAGE = "pages/2_Runs.py"
_STARTS = ("backbone", "weights", "mode")
_HELP = (
    "Quick: the last layer only, on photos of {Quick[image_size]} pixels for {Quick[epochs]} epochs. Balanced: the "
    "later layers too, at {Balanced[image_size]} pixels for {Balanced[epochs]} epochs. Best, for people and cameras "
    "that your photos don't show: {Best[epochs]} epochs at {Best[image_size]} pixels, with robust training, weight "
    "averaging and class weighting. The network is {Best[backbone]}; every setting is under Advanced."
).format(**CHOICES)


def training_form() -> Path | None:
    """Draw the form in the sidebar and start a run when Train is pressed. Returns the chosen folder of photos."""
    settings.begin()
    with st.sidebar:
        st.markdown("**Train a network**")
        try:
            folder = pick_dataset(settings.key(settings.DATASET))
            counts = cached_reads.counts(str(folder)) if folder else {}
        except UserError as error:
            st.error(plain(str(error)))
            _button(disabled=True)
            return None
        _form(folder, counts)
    return folder


def fill(values: Mapping[str, Any]) -> None:
    """Put a training's settings (TrainConfig.model_dump()) into the form when it is drawn next, here or on another
    page, on top of the preset that they are nearest to. One fold of several is filled in as one training."""
    st.session_state[settings.ASKED] = dict(values)


def watch(started: dict[str, str]) -> None:
    """Go to what was started, {"run": ID} or {"sweep": ID}: the address names it, and the page needs no message."""
    go_to(_RUNS_PAGE, started, "Watch it")


def _form(folder: Path | None, counts: Mapping[Label, int]) -> None:
    choices = st.container()
    wrong_mask = _wrong_mask(folder is None or Label.WRONG_MASK in counts)
    ask = partial(cost.captions, str(folder) if folder else None, wrong_mask, counts)
    times = ask()
    with choices:
        names, held = list(CHOICES), settings.value(settings.CHOICE)
        st.radio(
            "Training", names, names.index(held) if held else None, captions=times, help=_HELP, persist_state="session",
            **settings.when_changed(settings.CHOICE, settings.choice_made),
        )  # fmt: skip
    action, changed = st.container(), st.empty()
    fields = Fields({"wrong_mask": wrong_mask})
    try:
        chosen = advanced.show(fields, partial(_experiment, folder, counts))
    except UserError as error:
        with action:
            st.error(plain(str(error)))
            _button(disabled=True)
        return
    finally:
        if count := len(fields.changed):
            changed.caption(f":primary[●] {count} setting{'s' * (count > 1)} changed under Advanced")
    with action:
        _train(folder, chosen, partial(cost.show, chosen, counts, times, ask))
    # Below all that is pressed: it comes and goes with the settings.
    if counts and (advice := few_photos_advice(min(counts.values()), *map(settings.value, _STARTS))):
        st.caption(advice)


def _wrong_mask(has_third: bool) -> bool:
    """Whether to train on wrong_mask, where there are such photos."""
    one_logit = NETWORKS[settings.value("backbone")].one_logit
    title, text = describe("wrong_mask")
    if has_third:
        return st.toggle(
            title, settings.value("wrong_mask"), key=settings.key("wrong_mask"), help=text, disabled=one_logit,
            persist_state="session",
        )  # fmt: skip
    st.caption("These photos have no wrong_mask: two labels.")
    return not one_logit


def _experiment(folder: Path | None, counts: Mapping[Label, int], values: dict[str, Any]) -> Chosen:
    if folder is None:
        return Chosen(None, [])
    return form_study.choose(make(values | {"dataset": str(folder)}), counts)


def _train(folder: Path | None, chosen: Chosen, said: Callable[[], list[float]]) -> None:
    if folder is None:
        _button(disabled=True)
        st.caption("Choose a folder of photos first.")
        return
    problem = _weights_problem(chosen)
    place = st.container()
    if problem:
        st.warning(plain(problem), icon=":material/cloud_off:")
    seconds = [] if problem else said()
    with place:
        if _button(disabled=not seconds):
            with st.spinner("Checking the photos"):
                _start(chosen, seconds)


def _button(disabled: bool) -> bool:
    return st.button("Train", type="primary", width="stretch", disabled=disabled, icon=":material/play_arrow:")


def _start(chosen: Chosen, seconds: list[float]) -> None:
    if chosen.kind is None:
        watch({"run": launch.start(chosen.rows[0].config).id})
        return
    title = study.title(chosen.kind, chosen.rows)
    watch({"sweep": sweeper.start(title, chosen.kind, chosen.rows, seconds, custom_photos=chosen.custom_photos).id})


def _weights_problem(chosen: Chosen) -> str | None:
    """Why the starting weights of some row are unavailable, or None."""
    return next((problem for row in chosen.rows if (problem := cached_reads.weights_problem(row.config))), None)
