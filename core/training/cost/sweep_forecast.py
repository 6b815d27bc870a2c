"""How long the trainings of a sweep will take: the sum of what each is estimated to cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.schema.effects import Effect
from core.schema.labels import Label
from core.schema.train_config import TrainConfig, sparing
from core.training.cost import estimate as cost
from core.training.cost.estimate import Cost

Estimate = Callable[[TrainConfig, int, int], Cost]
# What changes nothing about the time: rows that differ in these alone are estimated once.
_FREE = sparing(Effect.TIME)
# What changes nothing about the frozen backbone's features: rows that differ in these alone share cached features.
_AFTER_VIEWS = sparing(Effect.FEATURES)


def costs(
    configs: Sequence[TrainConfig], counts: Mapping[Label, int], estimate: Estimate = cost.estimate
) -> list[Cost]:
    """Each training's cost on a folder of so many photos per label, one after another: views that a row before has kept
    cost nothing. Raises UserError where it can't be measured."""
    known: dict[TrainConfig, Cost] = {}
    viewed: set[TrainConfig] = set()
    found = []
    for config in configs:
        alike, views = _without(config, _FREE), _without(config, _AFTER_VIEWS)
        if alike not in known:
            known[alike] = estimate(alike, *used(config, counts))
        own = known[alike]
        found.append(replace(own, seconds=own.seconds - own.views, views=0.0) if views in viewed else own)
        if config.kept_views:
            viewed.add(views)
    return found


def used(config: TrainConfig, counts: Mapping[Label, int]) -> tuple[int, int]:
    """Photos and labels that a training uses."""
    own = [count for label, count in counts.items() if label in config.labels]
    return sum(own), len(own)


def _without(config: TrainConfig, names: Sequence[str]) -> TrainConfig:
    return config.model_copy(update={name: TrainConfig.model_fields[name].default for name in names})
