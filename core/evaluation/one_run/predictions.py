"""What one model says of a set of photos, beside what they show: the material of every number and comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.split import PART_NAMES, Row
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT, Label
from core.store.runs import Run


@dataclass(frozen=True)
class Predictions:
    """n photos, k classes. `true` (n,) holds label names, also one that the model does not know; `groups` (n,) names
    the photo, person or burst each belongs to; `probability` (n, k) is calibrated and adds up to 1 in each row."""

    files: tuple[str, ...]
    true: np.ndarray
    groups: np.ndarray
    probability: np.ndarray
    classes: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.files)

    @property
    def guess(self) -> np.ndarray:
        """(n,) names of the label of the highest probability."""
        return np.array([str(label) for label in self.classes])[self.probability.argmax(axis=1)]

    @property
    def mask_probability(self) -> np.ndarray:
        """(n,) probability of mask: the score that the operating point is a threshold of."""
        return self.probability[:, self.classes.index(COMPLIANT)]

    def only(self, keep: np.ndarray) -> Predictions:
        """Those photos that a boolean (n,) or an integer index picks."""
        index = np.arange(len(self))[keep]
        files = tuple(self.files[place] for place in index)
        return Predictions(files, self.true[index], self.groups[index], self.probability[index], self.classes)


def split_of(run: Run) -> tuple[Row, ...]:
    """The photos that a run works with: its split less what is refused (a file that was lost on the way; and in a run
    of an older release, a test photo that its starting network had seen). Raises UserError when there is none."""
    refused = {row["file"] for row in run.refused()}
    try:
        rows = splits.read(run.split_file)
    except (OSError, ValueError, KeyError):
        rows = []
    if not rows:
        raise UserError(f"The split.csv of {run.id} is missing or damaged: train it again.")
    return tuple(row for row in rows if row.file not in refused)


def of_run(run: Run, part: str = "test") -> Predictions:
    """A finished run's predictions of its validation (val) or test photos. Raises UserError when there are none."""
    rows = [row for row in run.predictions() if row["part"] == part]
    report = run.report()
    if not rows or report is None:
        raise UserError(f"{run.id} has no predictions of {PART_NAMES[part]} photos: it is {run.state.status}.")
    classes = report.labels
    return Predictions(
        files=tuple(row["file"] for row in rows),
        true=np.array([row["label"] for row in rows]),
        groups=np.array([row["group"] for row in rows]),
        probability=np.array([[float(row[f"p_{label}"]) for label in classes] for row in rows]),
        classes=classes,
    )
