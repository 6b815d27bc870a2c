"""Whether a confidence means what it says: temperature scaling, fitted on validation photos, and how far the
confidences are from the shares that are right."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax, softmax

from core.evaluation.one_run import bootstrap
from core.schema.result import UNFITTED, ReliabilityBin

BINS = 15
_EDGES = np.linspace(0, 1, BINS + 1)
_BOUNDS = (0.05, 20.0)


def fit_temperature(logits: np.ndarray, true: np.ndarray) -> float:
    """The number that logits (n, k) are divided by before softmax so that the log loss of the true classes (n,) is
    least, within 0.05..20 (Guo et al., "On Calibration of Modern Neural Networks", 2017).

    UNFITTED, which changes nothing, where no photo is wrong: the log loss would then fall for ever towards certainty,
    which no number of photos can show. Logarithms of probabilities serve as logits.

    >>> logits = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]])
    >>> round(fit_temperature(logits, np.array([0, 0, 1])), 2)
    5.77
    >>> fit_temperature(logits, np.array([0, 0, 0])) == UNFITTED
    True
    """
    if not len(true) or (logits.argmax(axis=1) == true).all():
        return UNFITTED
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(true))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[rows, true].mean())

    # The log loss is convex in 1 / T, so it has one valley in log T.
    return float(np.exp(minimize_scalar(loss, bounds=np.log(_BOUNDS), method="bounded", options={"xatol": 1e-10}).x))


def apply(probability: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities (n, k) that logits would have given when divided by `temperature`; with 1 / temperature it is
    taken back.

    >>> apply(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
    [[0.75, 0.25]]
    """
    return softmax(np.log(np.maximum(probability, np.finfo(float).tiny)) / temperature, axis=1)


def log_loss(probability: np.ndarray, true: np.ndarray) -> float:
    """Mean negative logarithm of the probability (n, k) of the true class (n,), each at most 36; 0 for no photos.

    >>> round(log_loss(np.array([[0.9, 0.1]]), np.array([0])), 3)
    0.105
    """
    own = probability[np.arange(len(true)), true]
    return float(-np.log(np.maximum(own, np.finfo(float).eps)).mean()) if len(true) else 0.0


def reliability(probability: np.ndarray, true: np.ndarray, groups: np.ndarray) -> list[ReliabilityBin]:
    """The bins that hold photos, of 15 of equal width, from probabilities (n, k), true classes (n,) and groups (n,).

    >>> (only,) = reliability(np.array([[0.9, 0.1]] * 10), np.array([0] * 8 + [1] * 2), np.arange(10))
    >>> only.n, round(only.confidence, 3), only.accuracy
    (10, 0.9, 0.8)
    """
    confidence, right, place = _binned(probability, true)
    used = np.unique(place)
    inside = place[:, None] == used
    share = bootstrap.shares(np.repeat(right[:, None], len(used), axis=1), inside, groups)
    return [
        ReliabilityBin(
            low=float(_EDGES[at]), high=float(_EDGES[at + 1]), n=int(own.sum()),
            confidence=float(confidence[own].mean()), accuracy=share[column].value, interval=share[column].interval,
        )
        for column, (at, own) in enumerate(zip(used, inside.T, strict=True))
    ]  # fmt: skip


def expected_calibration_error(probability: np.ndarray, true: np.ndarray) -> float:
    """Mean distance, 0..1, of confidence and accuracy over the bins, weighted by their photos (Guo et al., 2017); 0 for
    no photos.

    >>> round(expected_calibration_error(np.array([[0.9, 0.1]] * 10), np.array([0] * 8 + [1] * 2)), 3)
    0.1
    """
    confidence, right, place = _binned(probability, true)
    return float(np.abs(np.bincount(place, confidence - right)).sum() / max(len(true), 1))


def _binned(probability: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each photo: its confidence, whether it is right, and the number of its bin."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == true
    return confidence, right, np.clip(np.searchsorted(_EDGES, confidence, side="left") - 1, 0, BINS - 1)
