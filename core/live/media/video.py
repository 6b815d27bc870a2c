"""Classify a source frame by frame: stills face by face, video with every face followed and its label voted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.data.faces.detector import FaceFinder
from core.inference.predictor import Predictor, Reading, read_faces, read_whole
from core.live.draw import annotate
from core.live.media.outputs import Output, open_output
from core.live.media.sources import Frame, Source
from core.live.pipeline import Pipeline
from core.live.still import judge
from core.live.tracked_person import Followed

WHOLE_PICTURE = "no face found: whole picture"


def classify(
    source: Source, predictor: Predictor, out: Path | None = None
) -> Generator[tuple[Frame, list[dict[str, Any]]]]:
    """Every frame, also one without a face, with a record per face, largest first; one frame is held at a time.

    {"source", "frame" (from 0), "time" (seconds), "box" ([x0, y0, x1, y1] pixels or None), "label", "confidence"
    (0..1), "probabilities" ({label: 0..1}), "uncertainty" (1 - the highest of them), "unsure" (whether that is above
    the network's threshold; in a video, for most of the last second's faces), "passes" (whether the operating point
    lets the face in), "note", "number" (the person), "state" and "since" (seconds, from when state and decision have
    been so)}. Label and decision count only with the state "labelled"; in a video they are voted. A still picture
    without a face is classified whole, as its note says. `out` (folder or file) receives annotated pictures or video.
    Raises UserError for a wrong output at once, and for a source that cannot be read when that shows.
    """
    output = open_output(out, source) if out else None
    return _records(source, predictor, output)


def follow(source: Source, predictor: Predictor, output: Output | None) -> Generator[tuple[Frame, list[Followed]]]:
    """Every frame of a video with the people in it, largest first; annotated into `output`, which is closed at the end
    or when the iterator is closed."""
    finder, pipeline = FaceFinder(), Pipeline(predictor)
    return _each(source, lambda frame: pipeline.people(frame.pixels, frame.time, finder), output)


def read_still(rgb: np.ndarray, finder: FaceFinder, predictor: Predictor) -> list[Reading]:
    """The readings of a still RGB picture, uint8 (H, W, 3): of its faces, or of the whole where none is found."""
    return read_faces(rgb, finder, predictor) or [read_whole(Image.fromarray(rgb), predictor)]


def _records(
    source: Source, predictor: Predictor, output: Output | None
) -> Generator[tuple[Frame, list[dict[str, Any]]]]:
    finder = FaceFinder()
    frames = (
        _each(source, lambda frame: judge(frame.pixels, finder, predictor), output)
        if source.still
        else follow(source, predictor, output)
    )
    with closing(frames):
        for frame, found in frames:
            yield frame, [_record(frame, person) for person in found]


def _each(
    source: Source, look: Callable[[Frame], list[Followed]], output: Output | None
) -> Generator[tuple[Frame, list[Followed]]]:
    try:
        for frame in source.frames:
            found = look(frame)
            if output:
                output.write(frame, annotate(frame.pixels, found))
            yield frame, found
    finally:
        source.frames.close()
        if output:
            output.close()


def _record(frame: Frame, person: Followed) -> dict[str, Any]:
    reading = person.reading
    return {
        "source": frame.source,
        "frame": frame.index,
        "time": round(frame.time, 3),
        "box": list(reading.box) if reading.box else None,
        "label": reading.label.value,
        "confidence": reading.confidence,
        "probabilities": {label.value: share for label, share in reading.probabilities.items()},
        "uncertainty": reading.uncertainty,
        "unsure": reading.unsure,
        "passes": reading.passes,
        "note": "" if reading.box else WHOLE_PICTURE,
        "number": person.number,
        "state": person.state.value,
        "since": round(person.since, 3),
    }
