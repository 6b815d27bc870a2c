"""Classify the faces of a source frame by frame: records for the command line, readings for the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.data.faces import FaceFinder
from core.live.draw import annotate
from core.live.outputs import Output, open_output
from core.live.predictor import Predictor, Reading, read_faces, read_whole
from core.live.sources import Frame, Refused, Source, open_source

WHOLE_PICTURE = "no face found: whole picture"


def classify(
    source: str, predictor: Predictor, out: Path | None = None, refused: Refused | None = None
) -> Iterator[dict[str, Any]]:
    """One record a face, in order of time and then of size:

    {"source", "frame" (from 0), "time" (seconds), "box" ([x0, y0, x1, y1] pixels or None), "label", "confidence"
    (0..1), "probabilities" ({label: 0..1}), "passes" (whether the operating point lets the face in), "note"}. A still
    picture without a face is classified whole, as its note says; a video frame without one yields nothing. `out`
    (folder or file) receives annotated pictures or video; files of a folder that cannot be used go to
    `refused(file, reason)`. Raises UserError for a wrong source or output, at once where that can be seen at once.
    """
    opened = open_source(source, refused)
    output = open_output(out, opened) if out else None
    return _records(opened, predictor, output)


def read_source(source: Source, predictor: Predictor, output: Output | None) -> Iterator[tuple[Frame, list[Reading]]]:
    """Every frame with its readings, also a frame without a face; annotated into `output`, which is closed at the end
    or when the iterator is closed."""
    finder = FaceFinder()
    try:
        for frame in source.frames:
            readings = (read_still if source.still else read_faces)(frame.pixels, finder, predictor)
            if output:
                output.write(frame, annotate(frame.pixels, readings))
            yield frame, readings
    finally:
        source.frames.close()
        if output:
            output.close()


def read_still(rgb: np.ndarray, finder: FaceFinder, predictor: Predictor) -> list[Reading]:
    """The readings of a still RGB picture, uint8 (H, W, 3): of its faces, or of the whole where none is found."""
    return read_faces(rgb, finder, predictor) or [read_whole(Image.fromarray(rgb), predictor)]


def _records(source: Source, predictor: Predictor, output: Output | None) -> Iterator[dict[str, Any]]:
    with closing(read_source(source, predictor, output)) as frames:
        for frame, readings in frames:
            yield from (_record(frame, reading) for reading in readings)


def _record(frame: Frame, reading: Reading) -> dict[str, Any]:
    return {
        "source": frame.source,
        "frame": frame.index,
        "time": round(frame.time, 3),
        "box": list(reading.box) if reading.box else None,
        "label": reading.label.value,
        "confidence": reading.confidence,
        "probabilities": {label.value: share for label, share in reading.probabilities.items()},
        "passes": reading.passes,
        "note": "" if reading.box else WHOLE_PICTURE,
    }
