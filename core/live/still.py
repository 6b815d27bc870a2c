"""A still picture's faces, judged with the care that a webcam's are: grey where one cannot be judged."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.data.faces.detector import FaceFinder
from core.inference.predictor import Predictor, read_all, read_whole
from core.live import doubt
from core.live.tracked_person import Followed, State


def judge(rgb: np.ndarray, finder: FaceFinder, predictor: Predictor) -> list[Followed]:
    """Who is in a still RGB picture, uint8 (H, W, 3), the largest face first; without one, the whole picture (box
    None), of which nothing is said."""
    faces = finder.find(rgb)
    threshold = predictor.operating_point.threshold
    if not faces:
        return [Followed(1, read_whole(Image.fromarray(rgb), predictor), State.NO_FACE, 0.0)]
    return [
        Followed(number, reading, doubt.alone(face, reading, threshold), 0.0)
        for number, (face, reading) in enumerate(zip(faces, read_all(rgb, faces, predictor), strict=True), start=1)
    ]
