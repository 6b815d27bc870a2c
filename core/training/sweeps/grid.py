"""Grids over TrainConfig's fields: every combination of the values given is one variant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_origin

from core.networks.registry import DEFAULT, NETWORKS
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.train_config import APART, IMAGENET, STARTER, STARTER_BACKBONE, TrainConfig
from core.training.sweeps.study import Planned, few_enough

AXES = tuple(name for name in TrainConfig.model_fields if name not in APART)


def variants(values: Mapping[str, Any], axes: Mapping[str, Sequence[Any]]) -> list[Planned]:
    """One variant a combination of the axes' values, the last axis varying first; `values` are the other settings, as
    far as they are said. What does not fit a combination's network, or follows from it unsaid, is filled in.

    Raises UserError for an axis that is no field or has no values, for too many rows, and, all in one sentence, for
    combinations that can't be trained.
    """
    if not axes:
        raise UserError("A grid needs at least one field with its values, such as learning_rate=0.001,0.0003.")
    for name, choices in axes.items():
        _check(name, choices)
    few_enough(math.prod(len(choices) for choices in axes.values()))
    made: dict[TrainConfig, str] = {}
    wrong = []
    for combination in product(*axes.values()):
        own = dict(zip(axes, combination, strict=True))
        name = " · ".join(_word(field, value) for field, value in own.items())
        try:
            # Of a network with one mode, a grid over modes and networks would train two that are the same.
            made.setdefault(configs.make(_filled(values, own)), name)
        except UserError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        more = f" And {len(wrong) - 3} more." if len(wrong) > 3 else ""
        raise UserError(" ".join(wrong[:3]) + more)
    return [Planned(name, name, config) for config, name in made.items()]


def read_values(name: str, text: str) -> list[Any]:
    """The values of a field typed with commas between; shares of a split are typed 70/20/10."""
    words = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    return [_shares(word) for word in words] if name == "split" else words


def _check(name: str, choices: Sequence[Any]) -> None:
    if name in APART:
        raise UserError(f"{name} can't be varied in a grid: it is the same for all rows, or a choice beside the grid.")
    if name not in TrainConfig.model_fields:
        raise UserError(f"There is no setting {name!r}; a grid varies {', '.join(AXES)}.")
    if not choices:
        raise UserError(f"{name}: give at least one value.")


def _filled(values: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    base = dict(values)
    before, backbone = (values.get("backbone", DEFAULT) for values in (base, base | own))
    spec = NETWORKS.get(backbone)
    if backbone != before and not _fits(str(base.get("weights")), before, backbone):
        base.pop("weights", None)
    if spec and spec.one_logit:
        base.pop("wrong_mask", None)
    row = configs.fill_in(base | own)
    return row | {"mode": "not_retrain"} if spec and spec.retrain_from is None else row


def _fits(weights: str, before: str, backbone: str) -> bool:
    """Whether starting weights said for one network mean something for another: some have none to choose from."""
    without = any(name in NETWORKS and NETWORKS[name].imagenet is None for name in (before, backbone))
    if without or weights.endswith(".pth"):
        return weights == STARTER and backbone == STARTER_BACKBONE
    return True


def _word(name: str, value: Any) -> str:
    """A value as a row's name says it: choices speak for themselves."""
    if get_origin(TrainConfig.model_fields[name].annotation) is Literal or name == "weights":
        return f"{value} weights" if value in (IMAGENET, configs.NO_WEIGHTS) else str(value)
    if name == "split":
        return "/".join(f"{100 * float(share):g}" for share in value)
    return f"{name.replace('_', ' ')} {value}"


def _shares(text: str) -> list[float]:
    try:
        return [float(share) / 100 for share in text.split("/")]
    except ValueError:
        raise UserError(f"split: type shares in percent such as 70/20/10, not {text!r}.") from None
