"""Label issues: photos whose label is contradicted by models that learnt neither from them nor from their group.

Confident learning (Northcutt, Jiang and Chuang, 2021, "Estimating uncertainty in dataset labels") as cleanlab has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from core.data.dataset import label_decisions
from core.data.dataset.scan import Scan
from core.evaluation.label_issues import out_of_fold
from core.evaluation.label_issues.out_of_fold import OutOfFold, Progress
from core.schema.labels import Label

# cleanlab passes what it works on through global variables.
_CLEANLAB = Lock()


@dataclass(frozen=True)
class Doubt:
    """`probability` is out of fold, `suggested` the likeliest label by it. `quality` (0..1) is the probability of the
    label that the photo has, adjusted by what is usual for photos of each label."""

    file: str
    label: Label
    suggested: Label
    quality: float
    probability: dict[Label, float]


@dataclass(frozen=True)
class Doubts:
    """The doubted among so many photos, the likeliest mistakes first; `source` says whose predictions these are."""

    items: tuple[Doubt, ...]
    photos: int
    source: str


def find(scan: Scan, progress: Progress | None = None) -> Doubts:
    """Doubts about a dataset's labels; photos that were decided by hand are not doubted again.

    From finished runs that are the folds of this dataset, where there are some; or else from a logistic regression on
    an ImageNet network's features, which `progress(what, done, total)` follows. Raises UserError when neither can be.
    """
    seen = out_of_fold.of_runs(scan) or out_of_fold.of_features(scan, progress or (lambda *count: None))
    labels = {photo.file: photo.label for photo in scan.photos}
    found = rank(seen, [labels[file] for file in seen.files])
    decided = label_decisions.read(scan.root)
    return Doubts(tuple(doubt for doubt in found if doubt.file not in decided), len(seen.files), seen.source)


def rank(seen: OutOfFold, labels: Sequence[Label]) -> list[Doubt]:
    """The doubted among the files, whose labels these are (all of them in `classes`), by rising quality."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    given = np.array([seen.classes.index(label) for label in labels])
    # Unadjusted, the label that is hardest to learn would fill the top of the list with photos that are merely hard.
    with _CLEANLAB:
        doubted = np.flatnonzero(find_label_issues(given, seen.probability, n_jobs=1))
    quality = get_label_quality_scores(given, seen.probability, adjust_pred_probs=True)
    return [
        Doubt(
            file=seen.files[index],
            label=seen.classes[given[index]],
            suggested=seen.classes[seen.probability[index].argmax()],
            quality=float(quality[index]),
            probability=dict(zip(seen.classes, seen.probability[index].tolist(), strict=True)),
        )
        for index in doubted[np.argsort(quality[doubted], kind="stable")]
    ]
