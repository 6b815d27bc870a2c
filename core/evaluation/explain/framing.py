"""Whole photos against face crops: the same photos classified whole and cropped, to see what cropping to the face is
worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset.scan import Refused
from core.data.dataset.split import Row
from core.data.faces.detector import FaceFinder, crop
from core.data.images.decode import PhotoError, decode
from core.data.images.preprocessing import Preprocessing
from core.evaluation.compare import paired
from core.evaluation.compare.paired import Paired
from core.evaluation.one_run import bootstrap
from core.inference.predictor import Predictor
from core.schema.errors import UserError
from core.schema.labels import COMPLIANT

_BATCH = 16


@dataclass(frozen=True)
class Framing:
    """n photos in which a face was found, classified whole (a) and cropped to their largest face (b). The four counts
    add up to n; the two intervals are those of the accuracies, 95 % by group. `faceless` files, in which none was
    found, and `refused` ones, which can't be decoded, don't count."""

    n: int
    both_right: int
    only_crop_right: int
    only_whole_right: int
    neither_right: int
    paired: Paired
    whole_interval: tuple[float, float]
    crop_interval: tuple[float, float]
    faceless: tuple[str, ...]
    refused: tuple[Refused, ...]

    @property
    def sentence(self) -> str:
        """The finding in words."""
        own = self.paired.accuracy
        verdict = (
            f"a difference of {100 * own.difference:+.1f} points (95 % interval {100 * own.low:+.1f} to "
            f"{100 * own.high:+.1f}; p = {self.paired.p_value:.2g})"
        )
        shown = "" if own.shown else ": no difference shown"
        return (
            f"Of {self.n} photos the network has {100 * own.a:.1f} % right as whole photos and {100 * own.b:.1f} % "
            f"cropped to the face, {verdict}{shown}."
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"paired": self.paired.as_dict(), "sentence": self.sentence}


def compare(
    predictor: Predictor, root: Path, rows: Sequence[Row], progress: Callable[[int, int], object] | None = None
) -> Framing:
    """Classify labelled photos (files relative to `root`) whole and cropped; photos of labels that the network does not
    know are left out. Raises UserError when no face is found in any."""
    used: list[Row] = []
    whole: list[np.ndarray] = []
    cropped: list[np.ndarray] = []
    faceless: list[str] = []
    refused: list[Refused] = []
    finder = FaceFinder()
    asked = [row for row in rows if row.label in predictor.labels]
    for done, row in enumerate(asked, start=1):
        try:
            whole_square, cropped_square = views(root / row.file, finder, predictor.info.preprocessing)
            if cropped_square is None:
                faceless.append(row.file)
            else:
                used.append(row)
                whole.append(whole_square)
                cropped.append(cropped_square)
        except PhotoError as error:
            refused.append(Refused(row.file, str(error)))
        if progress:
            progress(done, len(asked))
    if not used:
        raise UserError(f"No face was found in any labelled photo of {root}.")
    return _framing(predictor, used, whole, cropped, tuple(faceless), tuple(refused))


def views(path: Path, finder: FaceFinder, preprocessing: Preprocessing) -> tuple[np.ndarray, np.ndarray | None]:
    """The photo's resized input whole, and cropped to its largest face, uint8 (S, S, 3); None for the second without a
    face. Raises PhotoError for a file that can't be decoded."""
    image = decode(path)
    rgb = np.asarray(image)
    faces = finder.find(rgb)
    return preprocessing.pixels(image), preprocessing.pixels(crop(rgb, faces[0].box)) if faces else None


def _framing(
    predictor: Predictor, used: list[Row], whole: list[np.ndarray], cropped: list[np.ndarray],
    faceless: tuple[str, ...], refused: tuple[Refused, ...],
) -> Framing:  # fmt: skip
    true = np.array([str(row.label) for row in used])
    (guess_a, passed_a), (guess_b, passed_b) = (answers(predictor, squares) for squares in (whole, cropped))
    groups = np.array([row.group or row.file for row in used])
    right_a, right_b = guess_a == true, guess_b == true
    return Framing(
        n=len(used),
        both_right=int((right_a & right_b).sum()),
        only_crop_right=int((right_b & ~right_a).sum()),
        only_whole_right=int((right_a & ~right_b).sum()),
        neither_right=int((~right_a & ~right_b).sum()),
        paired=paired.compare(true, guess_a, guess_b, groups, passed_a, passed_b),
        whole_interval=bootstrap.share(right_a, groups).interval,
        crop_interval=bootstrap.share(right_b, groups).interval,
        faceless=faceless,
        refused=refused,
    )


def answers(predictor: Predictor, squares: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) names of the likeliest labels, and (n,) whether each passes, of resized inputs, uint8 (S, S, 3)."""
    batches = [np.stack(squares[start : start + _BATCH]) for start in range(0, len(squares), _BATCH)]
    probability = np.concatenate([predictor.of_squares(batch) for batch in batches])
    names = np.array([str(label) for label in predictor.labels])
    passes = predictor.operating_point.passes(probability[:, predictor.labels.index(COMPLIANT)])
    return names[probability.argmax(axis=1)], np.asarray(passes)
