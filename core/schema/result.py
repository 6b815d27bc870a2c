"""The numbers of one network on one set of photos: accuracy with its intervals, calibration, and what the operating
point lets pass and stops. core/evaluation/one_run/measure.py makes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.schema.labels import COMPLIANT, Label

# Rounding may leave the limit of a mean this far outside of 0..1.
_ROUNDING = 1e-9
# What stands for a temperature where none can be fitted; a search never ends on it exactly.
UNFITTED = 1.0
_Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[_Real, Field(ge=-_ROUNDING, le=1 + _ROUNDING, description="a share or a probability, 0..1")]
Count = Annotated[int, Field(strict=True, ge=0, le=10**12, description="a number of things")]
Loss = Annotated[_Real, Field(ge=0, description="mean negative natural logarithm of a probability")]
Temperature = Annotated[_Real, Field(gt=0, le=1e6, description="what logits are divided by before softmax")]
Interval = Annotated[tuple[Share, Share], Field(description="95 % interval [low, high] of a share, by group")]


Rule = Literal["target", "likeliest", "hand", "sources"]
# Mask is likelier than all other labels together; with two labels, likelier than the other one.
LIKELIEST_THRESHOLD = 0.5


class Frozen(BaseModel):
    """A part of a report. It can't be changed, and takes no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LabelResult(Frozen):
    """How well one label is told from the others, on its `n` photos. A share that there is no photo for is None, and so
    is its interval: recall and F1 of a label without photos, precision of one that nothing is called."""

    precision: Share | None
    recall: Share | None
    f1: Share | None
    n: Count
    precision_interval: Interval | None
    recall_interval: Interval | None
    f1_interval: Interval | None

    def measure(self, name: str) -> tuple[float | None, Interval | None]:
        """(the share, its interval) of "precision", "recall" or "f1"."""
        return getattr(self, name), getattr(self, f"{name}_interval")

    @model_validator(mode="after")
    def _complete(self) -> LabelResult:
        _need_intervals(*map(self.measure, ("precision", "recall", "f1")))
        return self


class ReliabilityBin(Frozen):
    """The `n` photos whose confidence, the highest probability, lies in (low, high]; the first bin also holds 0.
    `confidence` is its mean, `accuracy` the share that is right, with its interval."""

    low: Share
    high: Share
    n: Count
    confidence: Share
    accuracy: Share
    interval: Interval


class CalibrationResult(Frozen):
    """Whether a confidence means what it says, after its logits were divided by `temperature` and before. `ece` is the
    expected calibration error, 0..1; `bins` are those of 15 of equal width that hold photos."""

    temperature: Temperature
    ece: Share
    ece_uncalibrated: Share
    log_loss: Loss
    log_loss_uncalibrated: Loss
    bins: Annotated[tuple[ReliabilityBin, ...], Field(max_length=1000)]


class ChosenPoint(Frozen):
    """The operating point: a face passes from a probability of mask of `threshold` on. `rule`, `target` and `when` say
    how it was chosen (core/networks/operating_point.py)."""

    threshold: Share
    target: Share
    rule: Rule = "target"
    when: str = ""

    @model_validator(mode="after")
    def _possible(self) -> ChosenPoint:
        check_point(self)
        return self


class OperatingResult(ChosenPoint):
    """What the operating point does. Of `violators`, not wearing a mask well, `misses` pass; of `compliant`,
    `false_alarms` are stopped. A rate of no photos is None. `curve` holds (threshold, miss rate, false-alarm rate) by
    rising threshold from 0 to 1."""

    miss_rate: Share | None
    miss_interval: Interval | None
    misses: Count
    violators: Count
    false_alarm_rate: Share | None
    false_alarm_interval: Interval | None
    false_alarms: Count
    compliant: Count
    curve: Annotated[tuple[tuple[Share, Share, Share], ...], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _complete(self) -> OperatingResult:
        _need_intervals((self.miss_rate, self.miss_interval), (self.false_alarm_rate, self.false_alarm_interval))
        return self


class UnsureResult(Frozen):
    """What is withheld above an uncertainty of `above` (core/inference/unsure.py): the network is unsure of `photos`;
    of the `errors`, photos whose likeliest label is wrong, `errors_unsure` are among them. Their share has no interval
    where there is no error."""

    above: Share
    photos: Count
    errors: Count
    errors_unsure: Count
    errors_unsure_interval: Interval | None

    @property
    def errors_share(self) -> float | None:
        """The share of the errors that is withheld; None where there is no error."""
        return self.errors_unsure / self.errors if self.errors else None

    @model_validator(mode="after")
    def _complete(self) -> UnsureResult:
        _need_intervals((self.errors_share, self.errors_unsure_interval))
        if self.errors_unsure > min(self.photos, self.errors):
            raise ValueError("more errors are withheld than there are")
        return self


class Result(Frozen):
    """`n` photos of `groups` groups (a photo, person or burst), of the labels `classes` that the network knows.
    `confusion` counts photos: rows true, columns predicted, both in the order of `classes`. The balanced accuracy is
    the mean recall of the labels that occur. So many `photos_to_halve` more would halve the accuracy's interval.
    `operating` also counts photos of labels that the network does not know. `unsure` is None where the network has no
    threshold for it."""

    classes: Annotated[tuple[Label, ...], Field(min_length=2, max_length=len(Label))]
    n: Count
    accuracy: Share
    balanced_accuracy: Share
    confusion: tuple[tuple[Count, ...], ...]
    per_class: dict[Label, LabelResult]
    groups: Count
    accuracy_grouped_interval: Interval
    balanced_accuracy_interval: Interval
    photos_to_halve: Count
    calibration: CalibrationResult
    operating: OperatingResult
    unsure: UnsureResult | None = None

    @model_validator(mode="after")
    def _fits(self) -> Result:
        lengths = {len(self.confusion), *map(len, self.confusion)}
        if COMPLIANT not in self.classes or set(self.per_class) != set(self.classes) or lengths != {len(self.classes)}:
            raise ValueError("labels and numbers do not fit")
        if self.n and not self.calibration.bins:
            raise ValueError("there are photos, but no bin holds any")
        if self.unsure and max(self.unsure.photos, self.unsure.errors) > self.n:
            raise ValueError("more photos are withheld or wrong than there are")
        return self


class RefusedFile(Frozen):
    """A file of a dataset that was left out, and why."""

    file: str
    reason: str


class Rate(Frozen):
    """`count` of `of` photos, as a share with its interval: both None of no photos."""

    count: Count
    of: Count
    share: Share | None
    interval: Interval | None


class SourceResult(Frozen):
    """The numbers on the photos of one `source`, in `groups` groups; the network was trained on or selected by `seen`
    of them or others of their groups. The balanced accuracy is over the labels in `recall`, of which the source has
    photos; None where it has none that the network knows. `misses` and `false_alarms` are at the operating point."""

    source: str
    photos: Count
    groups: Count
    seen: Count
    balanced_accuracy: Share | None
    balanced_accuracy_interval: Interval | None
    recall: dict[Label, Rate]
    misses: Rate
    false_alarms: Rate


class Evaluation(Result):
    """What `evaluate --json` writes: a network's numbers on a dataset, and `by_source` where its photos are of several
    sources, the worst first.

    `runtime` is what ran the network; `refused` are files that could not be used; `left_out` has, for each label that
    the network does not know, what it calls those photos: {label: {label it gives: photos}}. It was trained on or
    selected by `seen_in_training` of the photos or others of their groups; `unseen` are the numbers of the others, None
    where there are none.
    """

    by_source: tuple[SourceResult, ...]
    runtime: str
    refused: tuple[RefusedFile, ...]
    left_out: dict[Label, dict[Label, Count]]
    seen_in_training: Count
    unseen: Result | None


class Point(Protocol):
    """What an operating point says of itself, here and in core/networks/operating_point.py."""

    @property
    def threshold(self) -> float: ...

    @property
    def target(self) -> float: ...

    @property
    def rule(self) -> Rule: ...

    @property
    def when(self) -> str: ...


def check_point(point: Point) -> None:
    """Raises ValueError for an operating point that its rule could not have chosen."""
    if point.rule not in get_args(Rule):
        raise ValueError(f"unknown rule {point.rule!r} of an operating point")
    if point.rule == "likeliest" and not (point.threshold == LIKELIEST_THRESHOLD and 0 < point.target < 1):
        raise ValueError("by the likeliest label the threshold is 0.5, for want of a target between 0 and 1")
    if point.rule == "hand":
        date.fromisoformat(point.when)


def _need_intervals(*measures: tuple[float | None, Interval | None]) -> None:
    if any(share is not None and interval is None for share, interval in measures):
        raise ValueError("a share without its interval")
