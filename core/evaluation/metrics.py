"""Numbers from labels and predictions of one set of photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import metrics

from core.labels import Label


def summarise(true: Sequence[Label], predicted: Sequence[Label], classes: Sequence[Label]) -> dict[str, Any]:
    """Accuracy, balanced accuracy (mean recall of the labels that occur), the confusion matrix
    (rows true, columns predicted, both in the order of `classes`) and precision, recall and F1 a label.

    Every true label must be one of `classes`. All shares are in 0..1. A label without photos has no recall and no F1,
    and one that nothing is called has no precision: None.
    """
    names = [str(label) for label in classes]
    truth, guess = [str(label) for label in true], [str(label) for label in predicted]
    confusion = metrics.confusion_matrix(truth, guess, labels=names) if truth else np.zeros((len(names),) * 2, int)
    counts, right = confusion.sum(axis=1), int(np.trace(confusion))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, guess, labels=names, zero_division=0.0
    ) if truth else (np.zeros(len(names)),) * 4
    called = confusion.sum(axis=0)
    return {
        "classes": names,
        "n": len(truth),
        "accuracy": right / len(truth) if truth else 0.0,
        "balanced_accuracy": float(recall[counts > 0].mean()) if truth else 0.0,
        "confusion": confusion.tolist(),
        "per_class": {
            name: {
                "precision": float(precision[i]) if called[i] else None,
                "recall": float(recall[i]) if counts[i] else None,
                "f1": float(f1[i]) if counts[i] else None,
                "n": int(counts[i]),
            }
            for i, name in enumerate(names)
        },
    }  # fmt: skip
