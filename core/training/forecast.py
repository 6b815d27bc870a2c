"""How long the trainings of a sweep will take: the sum of what each is estimated to cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.config import TrainConfig
from core.labels import TWO_CLASSES, Label
from core.training import cost
from core.training.cost import Cost

Estimate = Callable[[TrainConfig, int, int], Cost]
# What changes nothing about the time: rows that differ in these alone are estimated once.
_FREE = ("seed", "fold", "learning_rate", "schedule", "class_weighting")


def costs(
    configs: Sequence[TrainConfig], counts: Mapping[Label, int], estimate: Estimate = cost.estimate
) -> list[Cost]:
    """Each training's cost on a folder of so many photos a label. Raises UserError where it can't be measured."""
    known: dict[TrainConfig, Cost] = {}
    for config in configs:
        alike = _alike(config)
        if alike not in known:
            known[alike] = estimate(alike, *used(config, counts))
    return [known[_alike(config)] for config in configs]


def used(config: TrainConfig, counts: Mapping[Label, int]) -> tuple[int, int]:
    """Photos and labels that a training looks at."""
    own = [count for label, count in counts.items() if config.wrong_mask or label in TWO_CLASSES]
    return sum(own), len(own)


def _alike(config: TrainConfig) -> TrainConfig:
    return config.model_copy(update={name: TrainConfig.model_fields[name].default for name in _FREE})
