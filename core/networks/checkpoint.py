"""The model file: weights, config, labels, preprocessing, calibration, the operating point and final numbers in one
.pth that is safe to load."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.images.preprocessing import Preprocessing
from core.networks.operating_point import OperatingPoint
from core.schema import run_report
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.labels import Label, are_outputs
from core.schema.run_report import RunReport
from core.schema.train_config import NO_WEIGHTS, TrainConfig

if TYPE_CHECKING:
    from torch import nn

_FORMAT = "mask-lab model 2"
_FIELDS = {
    "format", "state_dict", "config", "labels", "preprocessing", "temperature", "operating_point", "numbers", "seen",
}  # fmt: skip
# How the operating point was chosen stands by itself: the last release, which takes no further key in a point, still
# opens such a file.
_HOW = ("rule", "when")
# Left out where there is none, as in files of the last release, which passes over it.
_UNSURE = "unsure_above"


@dataclass(frozen=True)
class ModelInfo:
    """What a model file tells of its network but for the weights: its logits divided by `temperature` give calibrated
    probabilities of `labels`; `report` is that of its run, None where the file has none; `seen` are the digests of the
    photos that it was trained on or selected by. Above the uncertainty `unsure_above` (core/inference/unsure.py) it is
    unsure of a face; None where no such threshold was chosen."""

    config: TrainConfig
    labels: tuple[Label, ...]
    preprocessing: Preprocessing
    temperature: float
    operating_point: OperatingPoint
    report: RunReport | None
    seen: frozenset[str]
    unsure_above: float | None = field(default=None, kw_only=True)

    @property
    def run(self) -> str:
        """The id of the run that made it, as far as the file tells."""
        return self.report.run if self.report else ""


@dataclass(frozen=True)
class Trained(ModelInfo):
    """A network in eval mode with all that is needed to use it."""

    path: Path
    network: nn.Module

    @property
    def info(self) -> ModelInfo:
        """The same without the weights."""
        return ModelInfo(**{own.name: getattr(self, own.name) for own in fields(ModelInfo)})


def file_name(config: TrainConfig, classes: int) -> str:
    """Report A's name for a model file."""
    return (
        f"{config.backbone}-{config.mode}-{classes}classes-{config.batch_size}-{config.epochs}-"
        f"{config.learning_rate:.8f}.pth"
    )


def free_path(folder: Path, name: str) -> Path:
    """A path of that name, numbered where an older file has it: no network is overwritten."""
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{Path(name).stem}_{number}.pth", number + 1
    return path


def save(path: Path, trained: Trained) -> None:
    """Write the whole file or none of it."""
    import torch

    point = asdict(trained.operating_point)
    content = {
        "format": _FORMAT,
        "state_dict": {name: tensor.cpu() for name, tensor in trained.network.state_dict().items()},
        "config": trained.config.model_dump(mode="json"),
        "labels": [str(label) for label in trained.labels],
        "preprocessing": asdict(trained.preprocessing),
        "temperature": trained.temperature,
        "operating_point": {name: value for name, value in point.items() if name not in _HOW},
        "operating_rule": {name: point[name] for name in _HOW},
        "numbers": run_report.as_json(trained.report) if trained.report else {},
        "seen": sorted(trained.seen),
    } | ({} if trained.unsure_above is None else {_UNSURE: trained.unsure_above})
    draft = path.with_suffix(".part")
    try:
        torch.save(content, draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def load(path: Path) -> Trained:
    """Read a model file that may come from anywhere. Raises UserError for a foreign or damaged one."""
    from core.networks.build import build

    if not path.is_file():
        raise UserError(f"There is no model file {path}: check the path.")
    content = _read(path)
    info = understood(path, content)
    with _wrong_content_told(path):
        network = build(info.config.model_copy(update={"weights": NO_WEIGHTS}), len(info.labels))
        network.load_state_dict(content["state_dict"])
    return Trained(**vars(info), path=path, network=network.eval())


def understood(path: Path, content: object) -> ModelInfo:
    """What the content of a model file tells, but for the weights. Raises UserError for wrong content."""
    if not isinstance(content, dict) or content.get("format") != _FORMAT or not content.keys() >= _FIELDS:
        raise UserError(f"{path} was not written by this Mask Lab or is of an older one: train it again.")
    with _wrong_content_told(path):
        labels = tuple(Label(name) for name in content["labels"])
        if not are_outputs(labels):
            raise ValueError(f"unknown labels {labels}")
        config = configs.make(content["config"])
        preprocessing = _preprocessing(content["preprocessing"], config)
        temperature, point = _temperature(content["temperature"]), _point(content)
        report, seen = _report(dict(content["numbers"])), frozenset(content["seen"])
        unsure_above = _unsure_above(content.get(_UNSURE))
        return ModelInfo(
            config, labels, preprocessing, temperature, point, report, seen, unsure_above=unsure_above
        )


@contextmanager
def _wrong_content_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UserError(f"{path} is a Mask Lab model file with wrong content ({reason}): train it again.") from None


def _read(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        # torch.load raises a dozen kinds of error for a file that is no checkpoint; the answer is the same.
        raise unreadable(path) from None


def unreadable(path: Path) -> UserError:
    """For a file that is no model file, or a damaged one."""
    return UserError(f"{path} is not a model file that Mask Lab can read, or it is damaged.")


def _report(numbers: Mapping[str, Any]) -> RunReport | None:
    """None for what is no report as ours, with all its numbers in their bounds: the network works all the same."""
    try:
        return run_report.parse(numbers)
    except ValueError:
        return None


def _temperature(value: Any) -> float:
    temperature = float(value)
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError("temperature must be above 0")
    return temperature


def _unsure_above(value: Any) -> float | None:
    if value is None:
        return None
    threshold = float(value)
    # What is no number is not within them either.
    if not 0 <= threshold < 1:
        raise ValueError("the uncertainty above which it is unsure must lie in 0..1")
    return threshold


def _point(content: Mapping[str, Any]) -> OperatingPoint:
    return OperatingPoint(**content["operating_point"], **content.get("operating_rule", {}))


def _preprocessing(values: dict[str, Any], config: TrainConfig) -> Preprocessing:
    mean, std = (tuple(float(number) for number in values[key]) for key in ("mean", "std"))
    finite = all(math.isfinite(number) for number in mean + std)
    if len(mean) != 3 or len(std) != 3 or values["image_size"] != config.image_size or min(std) <= 0 or not finite:
        raise ValueError("preprocessing does not fit the network")
    return Preprocessing(config.image_size, mean, std)
