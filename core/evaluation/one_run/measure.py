"""Every number of one model on one set of photos, as report.json keeps them: accuracy and its kin with intervals,
calibration, and what the operating point misses and stops."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import asdict

import numpy as np
from scipy.special import ndtri

from core.evaluation.one_run import bootstrap, calibration
from core.evaluation.one_run import choose_threshold as operating
from core.evaluation.one_run.bootstrap import Estimate, Shares
from core.evaluation.one_run.metrics import LabelScores, summarise
from core.evaluation.one_run.predictions import Predictions
from core.inference.unsure import unsure
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT
from core.schema.result import CalibrationResult, Interval, LabelResult, OperatingResult, Result, UnsureResult


def measure(
    predictions: Predictions, operating_point: OperatingPoint, temperature: float, unsure_above: float | None = None
) -> Result:
    """All numbers of these predictions.

    `temperature` is what the predictions' logits were divided by. Photos of a label that the model does not know count
    under `operating` only, where such a label is one more way not to comply. What there is no photo for (a label's
    recall, the miss rate, ...) is None, and so is its interval; the balanced accuracy is over the labels that occur.
    Answers whose uncertainty is above `unsure_above` count all the same; `unsure` says how many they are.
    """
    known = predictions.only(np.isin(predictions.true, [str(label) for label in predictions.classes]))
    scores = summarise(known.true.tolist(), known.guess.tolist(), predictions.classes)
    found, occurs = _shares(known), np.array([own.n > 0 for own in scores.per_class.values()])
    k = len(scores.classes)
    return Result(
        classes=scores.classes,
        n=scores.n,
        accuracy=scores.accuracy,
        balanced_accuracy=scores.balanced_accuracy,
        confusion=scores.confusion,
        per_class={
            label: _label(own, *(found[1 + at + measure * k] for measure in range(3)))
            for at, (label, own) in enumerate(scores.per_class.items())
        },
        groups=len(np.unique(known.groups)),
        accuracy_grouped_interval=found[0].interval,
        balanced_accuracy_interval=found.mean((1 + k + np.flatnonzero(occurs)).tolist()).interval,
        photos_to_halve=photos_to_halve(scores.accuracy, len(known)),
        calibration=_calibration(known, temperature),
        operating=operating_result(predictions, operating_point),
        unsure=None if unsure_above is None else unsure_result(known, unsure_above),
    )


def operating_result(predictions: Predictions, point: OperatingPoint) -> OperatingResult:
    """What an operating point misses and stops, with intervals, and what every other threshold would."""
    score = predictions.mask_probability
    compliant, passed = predictions.true == str(COMPLIANT), point.passes(score)
    outcomes, of = np.stack([passed, ~passed], axis=1), np.stack([~compliant, compliant], axis=1)
    found = bootstrap.shares(outcomes, of, predictions.groups)
    miss, false_alarm = (found[place] if of[:, place].any() else None for place in (0, 1))
    return OperatingResult(
        **asdict(point),
        miss_rate=miss and miss.value,
        miss_interval=miss and miss.interval,
        misses=int((passed & ~compliant).sum()),
        violators=int((~compliant).sum()),
        false_alarm_rate=false_alarm and false_alarm.value,
        false_alarm_interval=false_alarm and false_alarm.interval,
        false_alarms=int((~passed & compliant).sum()),
        compliant=int(compliant.sum()),
        curve=tuple((threshold, missed, stopped) for threshold, missed, stopped in operating.curve(score, compliant)),
    )


def unsure_result(known: Predictions, above: float) -> UnsureResult:
    """Of how many photos the network is unsure, and of how many of those that it gets wrong."""
    withheld, wrong = unsure(known.probability, above), known.guess != known.true
    found = bootstrap.shares(withheld[:, None], wrong[:, None], known.groups)[0]
    return UnsureResult(
        above=above, photos=int(withheld.sum()), errors=int(wrong.sum()), errors_unsure=int((withheld & wrong).sum()),
        errors_unsure_interval=found.interval if wrong.any() else None,
    )  # fmt: skip


def photos_to_halve(accuracy: float, n: int) -> int:
    """How many more photos would halve the width of the accuracy's Wilson interval from `n` photos, were the accuracy
    (0..1) to stay the same; about three times as many again."""
    z2 = float(ndtri(0.975)) ** 2

    def width(photos: int) -> float:
        return 2 * (z2 * (accuracy * (1 - accuracy) * photos + z2 / 4)) ** 0.5 / (photos + z2)

    return bisect_left(range(4 * n + 16), -width(n) / 2, key=lambda more: -width(n + more))


def _shares(known: Predictions) -> Shares:
    """With k labels: accuracy, then the precision of each label, the recall of each, and the overlap of each."""
    names = np.array([str(label) for label in known.classes])
    true, guess = known.true[:, None] == names, known.guess[:, None] == names
    both, either, every = true & guess, true | guess, np.ones((len(known), 1), bool)
    return bootstrap.shares(
        np.hstack([both.any(axis=1, keepdims=True), both, both, both]),
        np.hstack([every, guess, true, either]),
        known.groups,
    )


def _label(own: LabelScores, precision: Estimate, recall: Estimate, overlap: Estimate) -> LabelResult:
    return LabelResult(
        **asdict(own),
        precision_interval=_where(own.precision, precision.interval),
        recall_interval=_where(own.recall, recall.interval),
        f1_interval=_where(own.f1, (_f1(overlap.low), _f1(overlap.high))),
    )


def _where(share: float | None, interval: Interval) -> Interval | None:
    """The interval of a share, where there is one."""
    return None if share is None else interval


def _f1(overlap: float) -> float:
    """F1 from the share of the photos of a label, true or predicted, that are both (Jaccard's index): it rises with it,
    so limits of the one are limits of the other."""
    return 2 * overlap / (1 + overlap)


def _calibration(known: Predictions, temperature: float) -> CalibrationResult:
    names = [str(label) for label in known.classes]
    true = np.array([names.index(name) for name in known.true], dtype=int)
    before = calibration.apply(known.probability, 1 / temperature)
    return CalibrationResult(
        temperature=float(temperature),
        ece=calibration.expected_calibration_error(known.probability, true),
        ece_uncalibrated=calibration.expected_calibration_error(before, true),
        log_loss=calibration.log_loss(known.probability, true),
        log_loss_uncalibrated=calibration.log_loss(before, true),
        bins=tuple(calibration.reliability(known.probability, true, known.groups)),
    )
