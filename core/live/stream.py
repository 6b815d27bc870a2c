"""One viewer's webcam: the video callback that gives frames to the shared worker and returns them labelled."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace

import av
import numpy as np

from core.inference.predictor import Predictor
from core.live import engine
from core.live.draw import annotate, annotate_note
from core.live.engine import Engine, Full, Job, OnPeople, People, Viewer
from core.live.tracked_person import Followed, State

_LOG = logging.getLogger(__name__)
_WINDOW = 2.0
# So long a frame waits for its own faces; then it goes out with those of the newest frame that was looked at, so that
# the picture moves on while the worker serves others.
_PATIENCE = 0.25
# Without a list that asks, the picture's words are renewed so often.
_SAID_SECONDS = 1.0


@dataclass(frozen=True)
class Snapshot:
    """The people of a labelled frame, of whom the picture says the same, and how the callback does.

    `fps` (frames that were labelled) and `latency_ms` (from frame in to frame out) are means over the last 2 seconds,
    or of the last two frames where one of them lies further back; `frames` counts all labelled so far; `age_s` is the
    time since the latest, None before the first; `error` is what failed on the latest frame; `viewers` is how many
    share the worker now; `rgb` is the labelled frame, uint8 (H, W, 3), as it was before anything was drawn on it.
    """

    people: People
    fps: float
    latency_ms: float
    frames: int
    error: str | None
    age_s: float | None
    viewers: int
    rgb: np.ndarray | None = field(default=None, compare=False, repr=False)


class LiveStream:
    """One viewer's stream: `recv` runs in the video's thread, the rest in any other; `mirror` and `listeners` may
    change. Each listener is called with (people, rgb, time) in the worker's thread after each labelled frame."""

    def __init__(self, predictor: Predictor, mirror: bool = False, shared: Engine | None = None) -> None:
        self.mirror = mirror
        self.predictor = predictor
        # Tells the people of this stream, who are numbered from 1, from those of all others.
        self.name = f"live-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        self._engine = shared or engine.shared()
        self._viewer = Viewer(predictor)
        self._viewer.on_people = self._tell
        self.listeners: tuple[OnPeople, ...] = ()
        self._started = time.monotonic()
        self._state = threading.Lock()
        self._taken: Job | None = None
        # Who is in the newest labelled frame; and who was in the one that is told, and when.
        self._people: People = ()
        self._said: People = ()
        self._said_of: Job | None = None
        self._said_at = 0.0
        self._frames = 0
        self._error: str | None = None
        # (seconds on the monotonic clock, seconds from frame in to frame out) of the latest labelled frames.
        self._timings: deque[tuple[float, float]] = deque(maxlen=256)

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with its faces labelled. Never raises: a failure is written on the frame and in the snapshot."""
        started = time.monotonic()
        try:
            return self._labelled(frame, started)
        except Full as full:
            self._failed(str(full))
        except Exception as failure:
            if self._failed(f"{type(failure).__name__}: {failure}"):
                _LOG.exception("A webcam frame could not be labelled.")
        return self._with_error(frame)

    def check_room(self) -> None:
        """Raises Full when this viewer has no place at the worker and none is free. Takes none."""
        self._engine.check_room(self._viewer)

    def leave(self) -> None:
        """Give the place at the worker back."""
        self._engine.leave(self._viewer)

    def snapshot(self) -> Snapshot:
        """How things stand now. From now on the picture says of each person what this says, until it is asked again:
        two clocks would show two numbers for one face."""
        now = time.monotonic()
        with self._state:
            self._say(now)
            recent = [timing for timing in self._timings if now - timing[0] <= _WINDOW]
            if len(recent) == 1:
                recent = [*self._timings][-2:]
            age = now - self._timings[-1][0] if self._timings else None
            people, frames, error = self._said, self._frames, self._error
            rgb = self._said_of.rgb if self._said_of else None
        span = recent[-1][0] - recent[0][0] if recent else 0
        fps = (len(recent) - 1) / span if span > 0 else 0.0
        latency = 1000 * sum(took for _, took in recent) / len(recent) if recent else 0.0
        return Snapshot(people, fps, latency, frames, error, age, self._engine.viewers, rgb)

    def _labelled(self, frame: av.VideoFrame, started: float) -> av.VideoFrame:
        rgb: np.ndarray = frame.to_ndarray(format="rgb24")
        if self.mirror:
            rgb = np.ascontiguousarray(rgb[:, ::-1])
        job = Job(rgb, started - self._started)
        self._engine.submit(self._viewer, job)
        job.done.wait(_PATIENCE)
        newest = self._viewer.answered
        if newest and newest.error:
            raise newest.error
        if newest and newest is not self._taken:
            self._take(newest)
        return _frame(annotate(rgb, self._shown()))

    def _shown(self) -> People:
        """Who is drawn: each where the newest frame has them, with the words of the latest snapshot."""
        now = time.monotonic()
        with self._state:
            if now - self._said_at > _SAID_SECONDS:
                self._say(now)
            said = {person.number: person for person in self._said}
            return tuple(_as_said(person, said.get(person.number)) for person in self._people)

    def _say(self, now: float) -> None:
        self._said, self._said_of, self._said_at = self._people, self._taken, now

    def _take(self, job: Job) -> None:
        now = time.monotonic()
        with self._state:
            self._taken, self._people, self._error = job, job.people, None
            self._frames += 1
            self._timings.append((now, now - self._started - job.time))

    def _tell(self, people: People, rgb: np.ndarray, at: float) -> None:
        for listener in self.listeners:
            try:
                listener(people, rgb, at)
            except Exception:
                _LOG.exception("What is called after each frame failed.")

    def _failed(self, error: str) -> bool:
        """Keep what failed on this frame; whether it is another failure than on the frame before."""
        with self._state:
            new, self._error, self._people, self._said = error != self._error, error, (), ()
            self._timings.append((time.monotonic(), 0.0))
            return new

    def _with_error(self, frame: av.VideoFrame) -> av.VideoFrame:
        try:
            return _frame(annotate_note(frame.to_ndarray(format="rgb24"), f"Labelling failed: {self._error}"))
        except Exception:
            return frame


class LoadingStream:
    """A viewer's stream until the network is there: it shows the camera's picture and says so. Takes no place."""

    def __init__(self, mirror: bool = False) -> None:
        self.mirror = mirror

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with a note. Never raises."""
        try:
            rgb = frame.to_ndarray(format="rgb24")
            return _frame(annotate_note(rgb[:, ::-1] if self.mirror else rgb, "Loading the network ..."))
        except Exception:
            return frame

    def check_room(self) -> None:
        """Whether there is a place is found out once there is a network."""

    def leave(self) -> None:
        """There is none to give back."""


def join(predictor: Predictor, mirror: bool = False) -> LiveStream:
    """A stream with a place at the worker, which it keeps while frames come. Raises Full when there is none."""
    stream = LiveStream(predictor, mirror)
    engine.shared().enter(stream._viewer)
    return stream


def _as_said(person: Followed, said: Followed | None) -> Followed:
    """A person of whom nothing is said yet is a new one."""
    if said is None:
        return replace(person, state=State.CHANGING)
    return replace(said, reading=replace(said.reading, box=person.reading.box))


def _frame(rgb: np.ndarray) -> av.VideoFrame:
    """A frame without a time: streamlit-webrtc gives it the time of the frame it answers."""
    return av.VideoFrame.from_ndarray(rgb, format="rgb24")
