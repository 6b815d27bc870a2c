"""A trained network ready to classify faces: loaded once, run by the fastest runtime that agrees with torch, safe to
share between threads."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.faces.detector import Box, Face, FaceFinder, crop
from core.inference import unsure
from core.inference.runtimes import agreement, choose, kinds
from core.inference.runtimes.choose import Choice
from core.inference.runtimes.kinds import Runtime
from core.networks import checkpoint, tracing
from core.networks.checkpoint import ModelInfo
from core.networks.operating_point import OperatingPoint
from core.schema.labels import COMPLIANT, Label


@dataclass(frozen=True)
class Reading:
    """What the classifier says of one face, or of the whole picture (box None). Probabilities are calibrated and add up
    to 1; `label` is as `decided` gives it and `confidence` its probability. The label is withheld where the network is
    `unsure`."""

    box: Box | None
    label: Label
    confidence: float
    probabilities: dict[Label, float]
    unsure: bool = False

    @property
    def uncertainty(self) -> float:
        """1 - the highest probability."""
        return 1 - max(self.probabilities.values())

    @property
    def passes(self) -> bool:
        """The decision, which the label is: who is labelled mask passes, and nobody else."""
        return self.label is COMPLIANT


class Predictor:
    """The classifier of a model file; `runtime` says what runs it here, `info` what the file tells. `exact` leaves
    lower precisions out: for numbers that must be the same on every machine. Raises UserError for a missing, foreign or
    damaged file."""

    def __init__(self, path: Path, exact: bool = False) -> None:
        self.path, self.name = Path(path), Path(path).stem
        self.info, self._runtime, self.runtime = choose.again(self.path, exact) or _by_torch(self.path, exact)
        self.labels, self.operating_point = self.info.labels, self.info.operating_point
        self.unsure_above = self.info.unsure_above
        self.image_size = self.info.preprocessing.image_size
        self._lock = threading.Lock()
        self.probabilities([Image.new("RGB", (self.image_size, self.image_size))] * 2)

    def probabilities(self, crops: Sequence[Image.Image]) -> np.ndarray:
        """Calibrated probabilities for RGB pictures, in one batch: float (n, k) in the order of `labels`."""
        if not crops:
            return np.empty((0, len(self.labels)))
        return self.of_squares(np.stack([self.info.preprocessing.pixels(image) for image in crops]))

    def of_squares(self, squares: np.ndarray) -> np.ndarray:
        """The same for resized RGB inputs, uint8 (n, image_size, image_size, 3), contiguous in memory."""
        with self._lock:
            logits = self._runtime.logits(squares)
        return agreement.softmax(logits, self.info.temperature)


def _by_torch(path: Path, exact: bool) -> tuple[ModelInfo, Runtime, Choice]:
    import torch

    trained = checkpoint.load(path)
    torch.set_num_threads(kinds.torch_threads())
    with tracing.ALONE:
        return trained.info, *choose.choose(trained, exact=exact)


def read_faces(rgb: np.ndarray, finder: FaceFinder, predictor: Predictor) -> list[Reading]:
    """A reading for every face found in an RGB picture, uint8 (H, W, 3), largest face first."""
    return read_all(rgb, finder.find(rgb), predictor)


def read_all(rgb: np.ndarray, faces: Sequence[Face], predictor: Predictor) -> list[Reading]:
    """A reading for each of these faces of an RGB picture, uint8 (H, W, 3)."""
    rows = predictor.probabilities([crop(rgb, face.box) for face in faces])
    return [_reading(face.box, row, predictor) for face, row in zip(faces, rows, strict=True)]


def read_whole(image: Image.Image, predictor: Predictor) -> Reading:
    """The reading of a whole RGB picture, for one that is a face crop already or has no face in it."""
    return _reading(None, predictor.probabilities([image])[0], predictor)


def decided(probabilities: Mapping[Label, float], point: OperatingPoint) -> Label:
    """The label of a face: mask where its probability reaches the operating point, else the likeliest of the others."""
    return COMPLIANT if point.passes(probabilities[COMPLIANT]) else likeliest_other(probabilities)


def likeliest_other(probabilities: Mapping[Label, float]) -> Label:
    """The likeliest label of those who are stopped."""
    return max((label for label in probabilities if label is not COMPLIANT), key=probabilities.__getitem__)


def _reading(box: Box | None, row: np.ndarray, predictor: Predictor) -> Reading:
    probabilities = dict(zip(predictor.labels, row.tolist(), strict=True))
    label = decided(probabilities, predictor.operating_point)
    withheld = bool(unsure.unsure(row[None], predictor.unsure_above)[0])
    return Reading(box, label, probabilities[label], probabilities, withheld)
