"""The test result in a model file, which may come from anywhere: whether pages can show it as one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from core.labels import COMPLIANT, Label

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**12)]
# Of a label without photos there is no share.
Interval = tuple[Share | None, Share | None] | None


class _Label(BaseModel):
    n: Count
    precision: Share | None
    precision_interval: Interval
    recall: Share | None
    recall_interval: Interval
    f1: Share | None
    f1_interval: Interval


class _Bin(BaseModel):
    low: Share
    high: Share
    n: Count
    confidence: Share
    accuracy: Share
    interval: Interval


class _Calibration(BaseModel):
    temperature: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    ece: Share
    ece_uncalibrated: Share
    bins: Annotated[list[_Bin], Field(min_length=1, max_length=1000)]


class _Operating(BaseModel):
    threshold: Share
    target: Share
    miss_rate: Share | None
    miss_interval: Interval
    misses: Count
    violators: Count
    false_alarm_rate: Share | None
    false_alarm_interval: Interval
    false_alarms: Count
    compliant: Count
    curve: Annotated[list[tuple[Share, Share | None, Share | None]], Field(min_length=1, max_length=10_000)]


class _Result(BaseModel):
    """As core/evaluation/measure.py makes it; more than pages show may stand in it."""

    n: Count
    groups: Count
    accuracy: Share
    accuracy_grouped_interval: Interval
    balanced_accuracy: Share
    balanced_accuracy_interval: Interval
    photos_to_halve: Count
    classes: Annotated[list[Label], Field(min_length=2, max_length=len(Label))]
    confusion: list[list[Count]]
    per_class: dict[Label, _Label]
    calibration: _Calibration
    operating: _Operating
    # Only the command line's evaluation has photos of labels that the network does not know.
    left_out: Annotated[dict[str, Any], Field(default={}, max_length=0)]

    @model_validator(mode="after")
    def _fits(self) -> _Result:
        lengths = {len(self.confusion), *map(len, self.confusion)}
        if COMPLIANT not in self.classes or set(self.per_class) != set(self.classes) or lengths != {len(self.classes)}:
            raise ValueError("labels and numbers do not fit")
        return self


def readable(test: Any) -> bool:
    """Whether this is a test result as `measure` makes it: numbers in their bounds for our labels, no texts."""
    try:
        _Result.model_validate(test)
    except ValidationError:
        return False
    return set(_texts(test)) <= set(Label)


def _texts(value: Any) -> Iterator[str]:
    """Every text in it; what is neither number nor container counts as one too."""
    if isinstance(value, dict):
        for own in value.values():
            yield from _texts(own)
    elif isinstance(value, list | tuple):
        for own in value:
            yield from _texts(own)
    elif not (value is None or isinstance(value, bool | int | float)):
        yield str(value)
