"""Whether a confidence means what it says: temperature scaling, fitted on validation photos, and how far the
confidences are from the shares that are right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from core.evaluation.metrics import wilson

BINS = 15
_BOUNDS = (0.05, 20.0)


@dataclass(frozen=True)
class Bin:
    """The `n` photos whose confidence, the highest probability, lies in (low, high]; the first bin also holds 0.
    `confidence` is its mean, `accuracy` the share that is right with its 95 % Wilson `interval`."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float
    interval: list[float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def fit_temperature(logits: np.ndarray, true: np.ndarray) -> float:
    """The number that logits (n, k) are divided by before softmax so that the log loss of the true classes (n,) is
    least, within 0.05..20 (Guo et al., "On Calibration of Modern Neural Networks", 2017).

    1, which changes nothing, where no photo is wrong: the log loss would then fall for ever towards certainty, which
    no number of photos can show. Logarithms of probabilities serve as logits.
    """
    if not len(true) or (logits.argmax(axis=1) == true).all():
        return 1.0
    rows = np.arange(len(true))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[rows, true].mean())

    # The log loss is convex in 1 / T, so it has one valley in log T.
    return float(np.exp(minimize_scalar(loss, bounds=np.log(_BOUNDS), method="bounded", options={"xatol": 1e-10}).x))


def apply(probability: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities (n, k) that logits would have given when divided by `temperature`; with 1 / temperature it is
    taken back."""
    return softmax(np.log(np.maximum(probability, np.finfo(float).tiny)) / temperature, axis=1)


def log_loss(probability: np.ndarray, true: np.ndarray) -> float:
    """Mean negative logarithm of the probability (n, k) of the true class (n,), each at most 36; 0 for no photos."""
    own = probability[np.arange(len(true)), true]
    return float(-np.log(np.maximum(own, np.finfo(float).eps)).mean()) if len(true) else 0.0


def reliability(probability: np.ndarray, true: np.ndarray) -> list[Bin]:
    """The bins that hold photos, of 15 of equal width, from probabilities (n, k) and true classes (n,)."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == true
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, BINS - 1)
    return [_bin(edges[at], edges[at + 1], confidence[place == at], right[place == at]) for at in np.unique(place)]


def expected_calibration_error(probability: np.ndarray, true: np.ndarray) -> float:
    """Mean distance, 0..1, of confidence and accuracy over the bins, weighted by their photos (Guo et al., 2017); 0 for
    no photos."""
    bins = reliability(probability, true)
    return sum(own.n * abs(own.confidence - own.accuracy) for own in bins) / max(len(true), 1)


def _bin(low: float, high: float, confidence: np.ndarray, right: np.ndarray) -> Bin:
    n, hits = len(right), int(right.sum())
    return Bin(float(low), float(high), n, float(confidence.mean()), hits / n, list(wilson(hits, n)))
