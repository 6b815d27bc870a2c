"""Every number of one model on one set of photos, as report.json keeps them: accuracy and its kin with intervals,
calibration, and what the operating point misses and stops."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
from scipy.special import ndtri

from core.evaluation import bootstrap, calibration, operating
from core.evaluation.metrics import summarise
from core.evaluation.predictions import Predictions
from core.labels import COMPLIANT
from core.networks.operating import OperatingPoint


def measure(predictions: Predictions, operating_point: OperatingPoint, temperature: float) -> dict[str, Any]:
    """JSON-ready numbers; shares in 0..1, intervals 95 % [low, high].

    `temperature` is what the predictions' logits were divided by. Photos of a label that the model does not know count
    under "operating" only, where such a label is one more way not to comply. What there is no photo for (a label's
    recall, the miss rate, ...) is None, and so is its interval; the balanced accuracy is over the labels that occur.
    """
    known = predictions.only(np.isin(predictions.true, [str(label) for label in predictions.classes]))
    numbers = summarise(known.true.tolist(), known.guess.tolist(), predictions.classes)
    return _with_intervals(numbers, known) | {
        "photos_to_halve": photos_to_halve(numbers["accuracy"], len(known)),
        "calibration": _calibration(known, temperature),
        "operating": _operating(predictions, operating_point),
    }


def photos_to_halve(accuracy: float, n: int) -> int:
    """How many more photos would halve the width of the accuracy's Wilson interval from `n` photos, were the accuracy
    (0..1) to stay the same; about three times as many again."""
    z2 = float(ndtri(0.975)) ** 2

    def width(photos: int) -> float:
        return 2 * (z2 * (accuracy * (1 - accuracy) * photos + z2 / 4)) ** 0.5 / (photos + z2)

    return bisect_left(range(4 * n + 16), -width(n) / 2, key=lambda more: -width(n + more))


def _with_intervals(numbers: dict[str, Any], known: Predictions) -> dict[str, Any]:
    names = np.array(numbers["classes"])
    true, guess = known.true[:, None] == names, known.guess[:, None] == names
    both, either, every = true & guess, true | guess, np.ones((len(known), 1), bool)
    found = bootstrap.shares(
        np.hstack([both.any(axis=1, keepdims=True), both, both, both]),
        np.hstack([every, guess, true, either]),
        known.groups,
    )
    at = {name: 1 + place for place, name in enumerate(numbers["classes"])}
    k = len(at)
    return numbers | {
        "groups": len(np.unique(known.groups)),
        "accuracy_grouped_interval": found[0].interval,
        "balanced_accuracy_interval": found.mean(1 + k + np.flatnonzero(true.any(axis=0))).interval,
        "per_class": {
            name: own
            | {
                "precision_interval": _where(own["precision"], found[at[name]].interval),
                "recall_interval": _where(own["recall"], found[at[name] + k].interval),
                "f1_interval": _where(own["f1"], [_f1(limit) for limit in found[at[name] + 2 * k].interval]),
            }
            for name, own in numbers["per_class"].items()
        },
    }


def _where(share: float | None, interval: list[float]) -> list[float] | None:
    """The interval of a share, where there is one."""
    return None if share is None else interval


def _f1(overlap: float) -> float:
    """F1 from the share of the photos of a label, true or predicted, that are both (Jaccard's index): it rises with it,
    so limits of the one are limits of the other."""
    return 2 * overlap / (1 + overlap)


def _calibration(known: Predictions, temperature: float) -> dict[str, Any]:
    names = [str(label) for label in known.classes]
    true = np.array([names.index(name) for name in known.true], dtype=int)
    before = calibration.apply(known.probability, 1 / temperature)
    return {
        "temperature": float(temperature),
        "ece": calibration.expected_calibration_error(known.probability, true),
        "ece_uncalibrated": calibration.expected_calibration_error(before, true),
        "log_loss": calibration.log_loss(known.probability, true),
        "log_loss_uncalibrated": calibration.log_loss(before, true),
        "bins": [own.as_dict() for own in calibration.reliability(known.probability, true, known.groups)],
    }


def _operating(predictions: Predictions, point: OperatingPoint) -> dict[str, Any]:
    score = predictions.mask_probability
    compliant, passed = predictions.true == str(COMPLIANT), point.passes(score)
    outcomes, of = np.stack([passed, ~passed], axis=1), np.stack([~compliant, compliant], axis=1)
    found = bootstrap.shares(outcomes, of, predictions.groups)
    miss, false_alarm = (found[place] if of[:, place].any() else None for place in (0, 1))
    return {
        "threshold": float(point.threshold),
        "target": float(point.target),
        "miss_rate": miss and miss.value,
        "miss_interval": miss and miss.interval,
        "misses": int((passed & ~compliant).sum()),
        "violators": int((~compliant).sum()),
        "false_alarm_rate": false_alarm and false_alarm.value,
        "false_alarm_interval": false_alarm and false_alarm.interval,
        "false_alarms": int((~passed & compliant).sum()),
        "compliant": int(compliant.sum()),
        "curve": operating.curve(score, compliant),
    }
