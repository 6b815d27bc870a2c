"""Numbers from labels and predictions of one set of photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.schema.labels import Label


@dataclass(frozen=True)
class LabelScores:
    """Of one label's `n` photos; shares 0..1, None where there is no photo for one."""

    precision: float | None
    recall: float | None
    f1: float | None
    n: int


@dataclass(frozen=True)
class Scores:
    """Of `n` photos; shares 0..1. `confusion` has rows true, columns predicted, in the order of `classes`."""

    classes: tuple[Label, ...]
    n: int
    accuracy: float
    balanced_accuracy: float
    confusion: tuple[tuple[int, ...], ...]
    per_class: dict[Label, LabelScores]


def summarise(true: Sequence[Label], predicted: Sequence[Label], classes: Sequence[Label]) -> Scores:
    """Accuracy, balanced accuracy (mean recall of the labels that occur), the confusion matrix
    (rows true, columns predicted, both in the order of `classes`) and precision, recall and F1 per label.

    Every true label must be one of `classes`. All shares are in 0..1. A label without photos has no recall and no F1,
    and one that nothing is called has no precision: None.

    >>> found = summarise(["mask", "mask", "no_mask"], ["mask", "no_mask", "no_mask"], ["mask", "no_mask"])
    >>> found.confusion, found.balanced_accuracy
    (((1, 1), (0, 1)), 0.75)
    >>> found.per_class["mask"].recall
    0.5
    """
    names = [str(label) for label in classes]
    truth, guess = [str(label) for label in true], [str(label) for label in predicted]
    confusion = np.zeros((len(names), len(names)), int)
    place = {name: number for number, name in enumerate(names)}
    np.add.at(confusion, ([place[name] for name in truth], [place[name] for name in guess]), 1)
    right, counts, called = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    recall, precision = right / np.maximum(counts, 1), right / np.maximum(called, 1)
    f1 = 2 * right / np.maximum(counts + called, 1)
    return Scores(
        classes=tuple(classes),
        n=len(truth),
        accuracy=int(right.sum()) / len(truth) if truth else 0.0,
        balanced_accuracy=float(recall[counts > 0].mean()) if truth else 0.0,
        confusion=tuple(map(tuple, confusion.tolist())),
        per_class={
            label: LabelScores(
                precision=float(precision[i]) if called[i] else None,
                recall=float(recall[i]) if counts[i] else None,
                f1=float(f1[i]) if counts[i] else None,
                n=int(counts[i]),
            )
            for i, label in enumerate(classes)
        },
    )
