"""The command line that would train a run again."""

from __future__ import annotations

import shlex
from typing import Any

from core.report.private import short
from core.schema.train_config import TrainConfig, fill_in

_PROGRAM = ("python", "face_mask_detector.py", "train")


def words(config: TrainConfig) -> list[str]:
    """The words of the command: the dataset (its last two parts) and the settings that differ from what `train` takes
    by itself."""
    typed = {name: getattr(config, name) for name in TrainConfig.model_fields if _must_be_typed(config, name)}
    options = [word for name, value in typed.items() for word in (f"--{name}", *_values(value))]
    return [*_PROGRAM, short(config.dataset), *options]


def line(config: TrainConfig) -> str:
    """The same, quoted for a shell."""
    return shlex.join(words(config))


def _must_be_typed(config: TrainConfig, name: str) -> bool:
    if name == "dataset":
        return False
    if name == "fold":
        # Without it, folds are a study of all of them.
        return config.folds > 0
    return getattr(config, name) != _taken(config)[name]


def _taken(config: TrainConfig) -> dict[str, Any]:
    """What `train` takes for each setting that is not typed, given the network and the mode."""
    defaults = {name: field.default for name, field in TrainConfig.model_fields.items()}
    given = {name: getattr(config, name) for name in ("backbone", "mode")}
    return defaults | {name: value for name, value in fill_in(given).items() if name not in given}


def _values(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
