"""What each setting of a sweep did: the test accuracy of its finished trainings, value by value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from core.schema.train_config import APART, MODES, TrainConfig
from core.store.sweeps import Standing

# What tells repeats apart, and which photos there are: no setting that has an effect.
_NO_SETTINGS = {"dataset", "seed", "split", *APART}


@dataclass(frozen=True)
class Training:
    """A finished training: the values of what differs in its sweep, as words, and its test accuracy, 0..1."""

    values: dict[str, str]
    group: str
    test: float


@dataclass(frozen=True)
class Effect:
    """Trainings that share one `value` of a setting: mean, lowest and highest test accuracy, 0..1."""

    setting: str
    value: str
    mean: float
    low: float
    high: float
    trainings: int


def finished(standings: Sequence[Standing]) -> list[Training]:
    """The finished trainings whose results can be read, in their order."""
    names = _varied([standing.row.config for standing in standings])
    done = [(one, result) for one in standings if one.status == "finished" and (result := one.trained.summary())]
    return [
        Training({_title(name): _words(name, one.row.config) for name in names}, one.row.group, result.test)
        for one, result in done
    ]


def effects(trainings: Sequence[Training]) -> list[Effect]:
    """An effect per setting and value, in the order in which the values come; a setting of which only one value has
    finished has none."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for training in trainings:
        for setting, value in training.values.items():
            found[setting][value].append(training.test)
    return [
        Effect(setting, value, mean(tests), min(tests), max(tests), len(tests))
        for setting, values in found.items() if len(values) > 1 for value, tests in values.items()
    ]  # fmt: skip


def repeated(trainings: Sequence[Training]) -> bool:
    """Whether some settings were trained more than once, so that luck can be seen."""
    groups = [training.group for training in trainings]
    return len(set(groups)) < len(groups)


def _varied(configs: Sequence[TrainConfig]) -> list[str]:
    return [
        name for name in TrainConfig.model_fields
        if name not in _NO_SETTINGS and len({repr(getattr(config, name)) for config in configs}) > 1
    ]  # fmt: skip


def _title(name: str) -> str:
    return TrainConfig.model_fields[name].title or name


def _words(name: str, config: TrainConfig) -> str:
    value: Any = getattr(config, name)
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "mode":
        return MODES[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
