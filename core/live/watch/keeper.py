"""Faces that Live keeps by itself in a dataset's inbox, for a user who switched that on: unsure ones, and those of
watch mode's events."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from core.data.collect import face_crop
from core.data.collect.inbox import crops
from core.data.collect.inbox.table import Note
from core.live import doubt
from core.live.frame_rate import Pace
from core.live.tracked_person import Followed, State
from core.schema.errors import UserError

EVERY_SECONDS = 10.0
"""At least as long between two faces of one person: frames beside each other teach a network the same."""
MOST = 500
"""Faces of one stream."""
# Shorter doubts are somebody coming in or turning round.
_UNSURE_SECONDS = 1.0
_CAN_BE_JUDGED = (State.LABELLED, State.CHANGING, State.UNSURE)
_AT_ONCE = 2


class Keeper:
    """One of LiveStream.listeners: called after every frame, from the worker's thread; the rest from any thread.

    Faces go into the inbox of the dataset at `root`, those of one person of the stream called `stream` in one group.
    `network` is the file that labels them, and `threshold` its operating point. `unsure` and `events` say which are
    kept, and may change; `kept` counts them, and `problem` says why the latest was not kept.
    """

    def __init__(self, root: Path, stream: str, network: str, threshold: float) -> None:
        self.root, self.stream = root, stream
        self.unsure = self.events = False
        self.kept = 0
        self.problem: str | None = None
        self._network, self._threshold = network, threshold
        self._pace = Pace()
        # By person, in seconds of the stream: since when unsure, and when last kept.
        self._since: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._now = 0.0
        self._places = threading.Semaphore(_AT_ONCE)
        self._lock = threading.Lock()

    def __call__(self, people: tuple[Followed, ...], rgb: np.ndarray, time: float) -> None:
        """Take one frame: who is in it, its RGB picture, uint8 (H, W, 3), and its time in seconds of the stream."""
        self._now = time
        if not self._pace.tick(time):
            # Another stream's clock.
            self._since.clear()
            self._last.clear()
        unsure = {person.number: person for person in people if self._is_unsure(person)}
        self._since = {number: self._since.get(number, time) for number in unsure}
        if not self.unsure:
            return
        for number, person in unsure.items():
            if time - self._since[number] >= _UNSURE_SECONDS:
                self._keep(person, rgb, "live, unsure")

    def event(self, person: Followed, rgb: np.ndarray) -> None:
        """Somebody's event in watch mode has begun."""
        if self.events:
            self._keep(person, rgb, "live, watch mode")

    def _is_unsure(self, person: Followed) -> bool:
        reading = person.reading
        return person.state in _CAN_BE_JUDGED and (
            reading.unsure or doubt.near_tie(reading.probabilities, self._threshold)
        )

    def _keep(self, person: Followed, rgb: np.ndarray, source: str) -> None:
        """Not in the video's way: in a thread of its own, and not at all where the disk is slow."""
        last = self._last.get(person.number)
        if person.reading.box is None or self.kept >= MOST or (last is not None and self._now - last < EVERY_SECONDS):
            return
        if self._places.acquire(blocking=False):
            self._last[person.number] = self._now
            threading.Thread(target=self._write, args=(person, rgb, source), daemon=True, name="keep a face").start()

    def _write(self, person: Followed, rgb: np.ndarray, source: str) -> None:
        reading = person.reading
        try:
            note = Note(None, reading.label, reading.probabilities, self._network)
            face = face_crop.jpeg(rgb, reading.box or ())
            crops.keep(self.root, face, f"{self.stream}-{person.number}", source, note)
        except (UserError, OSError) as error:
            with self._lock:
                self.problem = f"A face was not kept: {error}"
        else:
            with self._lock:
                self.kept, self.problem = self.kept + 1, None
        finally:
            self._places.release()
