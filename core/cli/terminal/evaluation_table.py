"""The numbers of an evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.cli.terminal.console import interval, percent, plain
from core.evaluation.wording import sentences
from core.evaluation.wording.operating_words import chosen, pass_at
from core.schema.labels import Label
from core.schema.result import UNFITTED, CalibrationResult, Evaluation, LabelResult
from core.text.tables import columns

Lines = Iterator[tuple[str, str]]
_NO_PHOTOS = "no photos"


def measures(report: Evaluation) -> str:
    """All numbers as two tables and a few lines; intervals are 95 %."""
    confusion = [["true \\ predicted", *report.classes, "n"]]
    confusion += [
        [name, *map(str, counts), str(report.per_class[name].n)]
        for name, counts in zip(report.classes, report.confusion, strict=True)
    ]
    shares = [["95 % intervals", "recall", "precision", "F1"]]
    shares += [
        [name, *(_beside_interval(own, measure) for measure in ("recall", "precision", "f1"))]
        for name, own in report.per_class.items()
    ]
    lines = [_line(*item) for item in (*_accuracy(report), *_calibration(report.calibration),
                                       *_door(report), *_unsure(report), *_left_out(report.left_out))]  # fmt: skip
    return "\n".join([columns(confusion), "", columns(shares), "", *lines])


def _accuracy(report: Evaluation) -> Lines:
    yield "photos", f"{report.n} in {report.groups} groups (a photo, person or burst)"
    yield "accuracy", _with_interval(report.accuracy, report.accuracy_grouped_interval)
    balanced = _with_interval(report.balanced_accuracy, report.balanced_accuracy_interval)
    over = sentences.balanced_over(report)
    yield "balanced accuracy", f"{balanced}, {over}" if over else balanced
    yield "to halve it", f"{report.photos_to_halve} more photos would halve the accuracy's interval"


def _calibration(own: CalibrationResult) -> Lines:
    before = f"{percent(own.ece_uncalibrated)} before the temperature of {own.temperature:.2f}"
    if own.temperature == UNFITTED:
        before = "no temperature could be fitted: no validation photo was wrong"
    yield "calibration error", f"{percent(own.ece)} (expected; {before})"


def _door(report: Evaluation) -> Lines:
    own = report.operating
    yield "operating point", plain(f"{pass_at(own)}, {chosen(own)}")
    stopped = _with_interval(own.false_alarm_rate, own.false_alarm_interval)
    yield "false alarms", f"{own.false_alarms} of {own.compliant} correctly masked faces stopped: {stopped}"
    passed = _with_interval(own.miss_rate, own.miss_interval)
    yield "misses", f"{own.misses} of {own.violators} others passed: {passed}"
    if dear := sentences.price(report):
        yield "price", plain(dear)


def _unsure(report: Evaluation) -> Lines:
    if said := sentences.unsure(report):
        yield "unsure", plain(said)


def _left_out(labels: Mapping[Label, Mapping[Label, int]]) -> Lines:
    for label, called in labels.items():
        words = ", ".join(f"{name} {count}" for name, count in called.items())
        yield "left out", f"{sum(called.values())} {label} photos, which the model does not know; predicted as: {words}"


def _with_interval(share: float | None, limits: tuple[float, float] | None) -> str:
    return _NO_PHOTOS if share is None or limits is None else f"{percent(share)} (95 % interval {interval(limits)})"


def _beside_interval(own: LabelResult, name: str) -> str:
    share, limits = own.measure(name)
    if share is None or limits is None:
        return "never predicted" if own.n else _NO_PHOTOS
    return f"{percent(share)} ({interval(limits)})"


def _line(name: str, text: str) -> str:
    return f"{name:<19}{text}"
