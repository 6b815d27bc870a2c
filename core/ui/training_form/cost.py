"""What the form says about time: the minutes of each of the three choices, and what Train would start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.schema.errors import UserError
from core.schema.labels import Label
from core.schema.presets import CHOICES
from core.schema.train_config import TrainConfig, make
from core.store import runs
from core.text.markup import plain
from core.text.numbers import duration
from core.training.cost import sweep_forecast
from core.training.cost.estimate import Cost
from core.ui.training_form import estimates, settings
from core.ui.training_form.study import Chosen

_UNKNOWN = "…"
# What is known already is there by then; the choices' times hold up nobody.
_SHORT = 0.05


def captions(dataset: str | None, wrong_mask: bool, counts: Mapping[Label, int]) -> list[str]:
    """How long each choice takes on these photos, as far as that is known; what is not begins to be found out."""
    if dataset is None:
        return [""] * len(CHOICES)
    own = {"dataset": dataset, "wrong_mask": wrong_mask}
    return [_minutes(settings.of_preset(name) | own, counts) for name in CHOICES]


def show(
    chosen: Chosen, counts: Mapping[Label, int], times: Sequence[str], again: Callable[[], list[str]]
) -> list[float]:
    """Say what the trainings will cost. As soon as that, or more of the choices' `times` than are shown (`again` asks
    for them), is known, the page is drawn anew. Returns the seconds of each training, 0 where they aren't known."""
    if not chosen.rows:
        return []
    configs = [row.config for row in chosen.rows]
    unknown = [0.0] * len(configs)
    try:
        costs = sweep_forecast.costs(configs, counts, estimates.ask)
    except estimates.Measuring:
        st.fragment(_measuring, run_every=1.0)(configs, counts)
        return unknown
    except UserError as error:
        st.caption(plain(str(error)))
        return unknown
    if _UNKNOWN in times:
        st.fragment(_waiting, run_every=1.0)(list(times), again)
    _say(chosen, counts, costs)
    return [cost.seconds for cost in costs]


def _minutes(values: dict[str, Any], counts: Mapping[Label, int]) -> str:
    try:
        (cost,) = sweep_forecast.costs([make(values)], counts, partial(estimates.ask, patience=_SHORT))
    except (estimates.Measuring, UserError):
        return _UNKNOWN
    return f"about {duration(cost.seconds)}"


def _measuring(configs: Sequence[TrainConfig], counts: Mapping[Label, int]) -> None:
    """Said until the estimate is there; then the page is drawn anew."""
    try:
        sweep_forecast.costs(configs, counts, estimates.ask)
    except estimates.Waiting:
        st.caption("Time is estimated once no training is running.")
    except estimates.Measuring:
        st.caption("Measuring how fast this machine trains…")
    except UserError:
        st.rerun()
    else:
        st.rerun()


def _waiting(times: Sequence[str], again: Callable[[], list[str]]) -> None:
    if again() != times:
        st.rerun()


def _say(chosen: Chosen, counts: Mapping[Label, int], costs: Sequence[Cost]) -> None:
    # The last one stands for all of the same network: it has augmentation, where others of an ablation do not.
    cost, config = costs[-1], chosen.rows[-1].config
    time = f"about **{duration(sum(one.seconds for one in costs))}**"
    words = time if chosen.kind is None else f"{len(costs)} trainings, {time}"
    waiting = sum(run.state.active for run in runs.every())
    queue = f", after {waiting} that {'is' if waiting == 1 else 'are'} waiting or running" if waiting else ""
    text = f"On this machine, {cost.basis}."
    if chosen.kind in ("report_a", "grid", "sources"):
        st.caption(f"{words[0].upper()}{words[1:]}{queue}", help=text)
        return
    classes = sweep_forecast.used(config, counts)[1]
    st.caption(
        f"{cost.photos:,} training photos of {classes} labels, {words}{queue}",
        help=f"{text} {_millions(cost.trainable)} of {_millions(cost.parameters)} parameters are trained.",
    )


def _millions(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 100_000 else f"{count:,}"
