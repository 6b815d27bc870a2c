"""Studies: several trainings that belong together, repeats over seeds, grouped folds, or the second seed's ablation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from core.config import LEAST_FOLDS, MOST_FOLDS, TrainConfig, bounds, make
from core.errors import UserError

Kind = Literal["repeats", "folds", "ablation"]
# Least and most trainings of a study whose number can be chosen.
COUNTS: dict[Kind, tuple[int, int]] = {"repeats": (2, 20), "folds": (LEAST_FOLDS, MOST_FOLDS)}
# The second seed's baseline stood at the high rate and without augmentation; each of its two remedies alone, and both.
_ABLATION = ("baseline", "learning rate", "augmentation", "learning rate and augmentation")
_HIGHER = 10


def configs(config: TrainConfig, kind: Kind, count: int = 0) -> list[TrainConfig]:
    """The study's trainings, in their order.

    repeats: `count` seeds from the config's own on, each with a split and an order of photos of its own. folds: `count`
    grouped folds of one seed, each tested once. ablation (`count` has no meaning): the config at ten times its
    learning rate and without augmentation, then with its own rate, with augmentation, and with both.

    Raises UserError for a count or a value that is out of bounds.
    """
    if kind == "ablation":
        return _ablation(config)
    least, most = COUNTS[kind]
    if not least <= count <= most:
        raise UserError(f"{kind}: choose {least} to {most} trainings, not {count}.")
    if kind == "folds":
        return [_changed(config, folds=count, fold=fold) for fold in range(count)]
    return [_changed(config, seed=config.seed + number) for number in range(count)]


def names(kind: Kind, study: Sequence[TrainConfig]) -> list[str]:
    """What tells each training of a study from the others."""
    if kind == "ablation":
        return list(_ABLATION)
    field = "fold" if kind == "folds" else "seed"
    return [f"{field} {getattr(config, field)}" for config in study]


def _ablation(config: TrainConfig) -> list[TrainConfig]:
    # Rounded, because 3e-4 times 10 is 0.0029999999999999996.
    high = float(f"{_HIGHER * config.learning_rate:.6g}")
    most = bounds("learning_rate")["le"]
    if high > most:
        raise UserError(
            f"learning_rate: the ablation's baseline takes ten times {config.learning_rate:g}, above {most:g}; "
            "choose a lower one."
        )
    own = config.learning_rate
    return [_changed(config, learning_rate=rate, augment=on) for on in (False, True) for rate in (high, own)]


def _changed(config: TrainConfig, **values: Any) -> TrainConfig:
    return make(config.model_dump() | values)
