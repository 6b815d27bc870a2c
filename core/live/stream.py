"""The webcam's video callback: labels every frame it is given and keeps the latest readings for the page to show."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass

import av
import numpy as np

from core.data.faces import FaceFinder
from core.live.draw import annotate, annotate_error
from core.live.predictor import Predictor, Reading, read_faces

_LOG = logging.getLogger(__name__)
_WINDOW = 2.0


@dataclass(frozen=True)
class Snapshot:
    """The latest frame's readings, and how the callback does.

    `fps` and `latency_ms` (work on one frame) are means over the last 2 seconds; `frames` counts all so far; `age_s`
    is the time since the latest frame, None before the first; `error` is what failed on the latest frame.
    """

    readings: tuple[Reading, ...]
    fps: float
    latency_ms: float
    frames: int
    error: str | None
    age_s: float | None


class LiveStream:
    """One viewer's stream: `recv` runs in the video's thread, `snapshot` in any other; `mirror` may change."""

    def __init__(self, predictor: Predictor, mirror: bool = False) -> None:
        self.mirror = mirror
        self._predictor = predictor
        self._finder = FaceFinder()
        self._work, self._state = threading.Lock(), threading.Lock()
        self._readings: tuple[Reading, ...] = ()
        self._frames = 0
        self._error: str | None = None
        # (seconds on the monotonic clock, seconds of work) of the latest frames.
        self._timings: deque[tuple[float, float]] = deque(maxlen=256)

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with its faces labelled. Never raises: a failure is written on the frame and in the snapshot."""
        started = time.monotonic()
        readings, error, labelled = (), None, frame
        try:
            with self._work:
                readings, labelled = self._label(frame)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            labelled = self._failed(frame, error)
        with self._state:
            self._readings, self._error = readings, error
            self._frames += 1
            self._timings.append((time.monotonic(), time.monotonic() - started))
        return labelled

    def snapshot(self) -> Snapshot:
        """How things stand now."""
        now = time.monotonic()
        with self._state:
            recent = [timing for timing in self._timings if now - timing[0] <= _WINDOW]
            age = now - self._timings[-1][0] if self._timings else None
            readings, frames, error = self._readings, self._frames, self._error
        span = recent[-1][0] - recent[0][0] if recent else 0
        fps = (len(recent) - 1) / span if span > 0 else 0.0
        latency = 1000 * sum(work for _, work in recent) / len(recent) if recent else 0.0
        return Snapshot(readings, fps, latency, frames, error, age)

    def _label(self, frame: av.VideoFrame) -> tuple[tuple[Reading, ...], av.VideoFrame]:
        rgb = frame.to_ndarray(format="rgb24")
        if self.mirror:
            rgb = rgb[:, ::-1].copy()
        readings = tuple(read_faces(rgb, self._finder, self._predictor))
        return readings, _frame(annotate(rgb, readings))

    def _failed(self, frame: av.VideoFrame, error: str) -> av.VideoFrame:
        if error != self._error:
            _LOG.exception("A webcam frame could not be labelled.")
        try:
            return _frame(annotate_error(frame.to_ndarray(format="rgb24"), error))
        except Exception:
            return frame


def _frame(rgb: np.ndarray) -> av.VideoFrame:
    """A frame without a time: streamlit-webrtc gives it the time of the frame it answers."""
    return av.VideoFrame.from_ndarray(rgb, format="rgb24")
