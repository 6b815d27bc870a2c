"""From a frame to the people in it: find faces, cut them out, classify, follow. Every video goes this way."""

from __future__ import annotations

import numpy as np

from core.data.faces.detector import FaceFinder, crop
from core.inference.predictor import Predictor
from core.live.optical_flow import FlowDetector
from core.live.tracked_person import Followed
from core.live.tracker import Follower


class Pipeline:
    """Of one stream, whose frames come in turn. Not thread-safe."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor, self._detector, self._follower = predictor, FlowDetector(), Follower(predictor)

    def people(self, rgb: np.ndarray, time: float, finder: FaceFinder) -> list[Followed]:
        """Who is in an RGB picture, uint8 (H, W, 3), at `time` in the stream's seconds; the largest face first."""
        faces = self._detector.find(rgb, time, finder)
        rows = self._predictor.probabilities([crop(rgb, face.box) for face in faces])
        return self._follower.update(faces, rows, time)
