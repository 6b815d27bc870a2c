"""Faces of photos that nobody has labelled yet, with what a network says of each, as an inbox takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.collect.inbox.from_photos import Box, Find
from core.data.collect.inbox.table import Note
from core.data.faces.detector import FaceFinder
from core.inference.predictor import Predictor, read_all


def finder(predictor: Predictor | None) -> Find:
    """Finds the faces of RGB pictures, uint8 (H, W, 3), largest first; without a network nothing is said of them."""
    faces = FaceFinder()

    def find(rgb: np.ndarray) -> Sequence[tuple[Box, Note]]:
        found = faces.find(rgb)
        if predictor is None:
            return [(face.box, Note()) for face in found]
        return [
            (face.box, Note(None, reading.label, reading.probabilities, predictor.path.name))
            for face, reading in zip(found, read_all(rgb, found, predictor), strict=True)
        ]

    return find
