"""One worker labels the frames of all viewers: it takes the newest frame of each and serves them in turn, so that
nobody's slow picture keeps others waiting for more than itself."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.data.faces.detector import FaceFinder
from core.inference.predictor import Predictor
from core.live.pipeline import Pipeline
from core.live.tracked_person import Followed
from core.schema.errors import UserError

SETTING = "MASKLAB_VIEWERS"
MOST_VIEWERS = 4
GONE_SECONDS = 10.0
People = tuple[Followed, ...]
OnPeople = Callable[[People, np.ndarray, float], None]


class Full(UserError):
    """As many viewers as this machine can serve are watching."""


@dataclass
class Job:
    """One frame: RGB picture, uint8 (H, W, 3), its time in the stream's seconds; then who is in it, or the error."""

    rgb: np.ndarray
    time: float
    done: threading.Event = field(default_factory=threading.Event)
    people: People = ()
    error: Exception | None = None


class Viewer:
    """One viewer's network, the people in front of that camera, the newest frame that waits and the newest that was
    labelled."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.on_people: OnPeople | None = None
        self.waiting: Job | None = None
        self.answered: Job | None = None
        self.heard = time.monotonic()
        self._pipeline = Pipeline(predictor)

    def work(self, job: Job, finder: FaceFinder) -> None:
        """Fill in the job; never raises."""
        try:
            job.people = tuple(self._pipeline.people(job.rgb, job.time, finder))
        except Exception as error:
            job.error = error
        self.answered = job
        job.done.set()


class Engine:
    """Serves at most `most` viewers. A viewer who sends no frame for GONE_SECONDS gives the place back. Raises
    UserError where the face detector's file is missing."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._finder = FaceFinder()
        self._changed = threading.Condition()
        self._viewers: deque[Viewer] = deque()
        self._thread: threading.Thread | None = None

    def enter(self, viewer: Viewer) -> None:
        """Take a place, or keep it. Raises Full when there is none."""
        with self._changed:
            self.check_room(viewer)
            if viewer not in self._viewers:
                self._viewers.append(viewer)
            viewer.heard = time.monotonic()

    def check_room(self, viewer: Viewer) -> None:
        """Raises Full when the viewer has no place and there is none. Takes none."""
        with self._changed:
            self._sweep()
            if viewer not in self._viewers and len(self._viewers) >= self.most:
                raise Full(
                    f"{self.most} viewers are watching, as many as this computer serves at once: wait until one "
                    f"leaves and press START again, or start Mask Lab with {SETTING} set higher."
                )

    def leave(self, viewer: Viewer) -> None:
        """Give the place back; without effect for one who has none."""
        with self._changed:
            if viewer in self._viewers:
                self._viewers.remove(viewer)

    def submit(self, viewer: Viewer, job: Job) -> None:
        """Hand in a frame in place of one that still waits. Raises Full when the viewer has no place."""
        self.enter(viewer)
        with self._changed:
            viewer.waiting = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, daemon=True, name="faces")
                self._thread.start()
            self._changed.notify()

    @property
    def viewers(self) -> int:
        """How many have a place now."""
        with self._changed:
            self._sweep()
            return len(self._viewers)

    def watching(self, path: Path) -> int:
        """How many of them see what the network of this file says."""
        with self._changed:
            self._sweep()
            return sum(viewer.predictor.path == path for viewer in self._viewers)

    def _serve(self) -> None:
        while found := self._next():
            viewer, job = found
            viewer.work(job, self._finder)
            if viewer.on_people and job.error is None:
                viewer.on_people(job.people, job.rgb, job.time)

    def _next(self) -> tuple[Viewer, Job] | None:
        """The next viewer in turn who has a frame; None, and the worker ends, when there are no viewers."""
        with self._changed:
            while True:
                for _ in range(len(self._viewers)):
                    viewer = self._viewers[0]
                    self._viewers.rotate(-1)
                    if viewer.waiting:
                        job, viewer.waiting = viewer.waiting, None
                        return viewer, job
                self._sweep()
                if not self._viewers:
                    self._thread = None
                    return None
                self._changed.wait(timeout=1.0)

    def _sweep(self) -> None:
        now = time.monotonic()
        for viewer in [viewer for viewer in self._viewers if now - viewer.heard > GONE_SECONDS]:
            self._viewers.remove(viewer)


def most_viewers(text: str | None) -> int:
    """The setting MASKLAB_VIEWERS, or its default. Raises UserError for what is no number above 0."""
    if not text:
        return MOST_VIEWERS
    if not text.isdecimal() or int(text) < 1:
        raise UserError(f"{SETTING} is {text!r}: give the highest number of viewers at once, such as {MOST_VIEWERS}.")
    return int(text)


_engine: Engine | None = None
_making = threading.Lock()


def shared() -> Engine:
    """The engine of this process. Raises UserError for a wrong setting or a missing face detector."""
    global _engine  # noqa: PLW0603
    with _making:
        if _engine is None:
            _engine = Engine(most_viewers(os.environ.get(SETTING)))
        return _engine


def watching(path: Path) -> int:
    """How many viewers of this process see what the network of this file says."""
    return _engine.watching(path) if _engine else 0
