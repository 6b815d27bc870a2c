"""Watch mode: one event for each person who stays without a well-worn mask, kept in memory and told to a webhook."""

from __future__ import annotations

import csv
import io
import logging
import threading
import time as clocks
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.data.faces.detector import Box
from core.live.frame_rate import Pace
from core.live.tracked_person import Followed
from core.live.watch.webhook import Webhook
from core.schema.labels import Label

MOST_EVENTS = 500
# Looking down, a passer-by in front, or an unsure second (in a slow stream: a few frames) do not end what one sees as
# one person waiting at the door.
GAP_SECONDS = 2.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """Someone stayed without a well-worn mask. `number` counts events from 1 and `person` is Followed.number; `began`
    is in seconds since 1970; `seconds` is how long it has lasted so far; `label` is the one that was held longest, and
    `confidence` (0..1) its latest; `picture` is the blurred thumbnail, where thumbnails are kept."""

    number: int
    person: int
    label: Label
    began: float
    seconds: float
    confidence: float
    picture: Path | None = None


@dataclass
class _Episode:
    """One person's violation while it lasts; times are the stream's seconds. `held` is without the gaps."""

    began: float
    last: float
    box: Box | None
    held: dict[Label, float]
    confidence: dict[Label, float]
    broken: bool = False
    event: Event | None = None

    @property
    def label(self) -> Label:
        return max(self.held, key=self.held.__getitem__)


class Watch:
    """One of LiveStream.listeners: called after every frame, from the worker's thread; the rest from any thread.

    `seconds` is how long someone must violate before there is an event; `webhook` and `on_event` (person, rgb) are told
    each event once, when it begins; `keep` stores a thumbnail of (rgb, box) and returns its file. All four may change
    while it watches.
    """

    def __init__(
        self,
        seconds: float = 5.0,
        webhook: Webhook | None = None,
        keep: Callable[[np.ndarray, Box], Path | None] | None = None,
        clock: Callable[[], float] = clocks.time,
    ) -> None:
        self.seconds, self.webhook, self.keep = seconds, webhook, keep
        self.on_event: Callable[[Followed, np.ndarray], None] | None = None
        self.problem: str | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._episodes: dict[int, _Episode] = {}
        self._pace, self._count = Pace(), 0

    def __call__(self, people: tuple[Followed, ...], rgb: np.ndarray, time: float) -> None:
        """Take one frame: who is in it, its RGB picture, uint8 (H, W, 3), and its time in seconds of the stream."""
        fresh = []
        with self._lock:
            if not self._pace.tick(time):
                # Another stream's clock: its persons are others too.
                self._episodes.clear()
            seen = {person.number: person for person in people}
            earliest = time - self._pace.patience(GAP_SECONDS)
            for number in [*self._episodes]:
                self._outdated(number, seen.get(number), earliest)
            for person in people:
                if not person.violates:
                    continue
                self._carry_on(person, seen.keys())
                if event := self._violation(person, time):
                    fresh.append((event, person))
        for event, person in fresh:
            self._tell(event, person, rgb)

    def events(self) -> list[Event]:
        """The latest events, newest first."""
        with self._lock:
            return [*reversed(self._events)]

    @property
    def count(self) -> int:
        """How many events there were, also those that have left the list."""
        return self._count

    def clear(self) -> None:
        """Forget the events; whoever violates now gets a new one after `seconds`."""
        with self._lock:
            self._events.clear()
            self._episodes.clear()

    def _outdated(self, number: int, person: Followed | None, earliest: float) -> None:
        episode = self._episodes[number]
        if episode.last < earliest:
            del self._episodes[number]
        elif person is None or not person.violates:
            episode.broken = True

    def _carry_on(self, person: Followed, present: Collection[int]) -> None:
        """Whoever was lost from sight and is found again at the same place has another number, and is the same."""
        if person.number in self._episodes:
            return
        for number, episode in self._episodes.items():
            if number not in present and _near(episode.box, person.reading.box):
                self._episodes[person.number] = self._episodes.pop(number)
                return

    def _violation(self, person: Followed, time: float) -> Event | None:
        """The event where this frame makes one."""
        label = person.reading.label
        episode = self._episodes.setdefault(person.number, _Episode(time, time, person.reading.box, {}, {}))
        passed = 0.0 if episode.broken else time - episode.last
        episode.held[label] = episode.held.get(label, 0.0) + passed
        episode.confidence[label] = person.reading.confidence
        episode.last, episode.box, episode.broken = time, person.reading.box, False
        if episode.event:
            self._replace(episode, self._described(episode, episode.event))
        elif sum(episode.held.values()) >= self.seconds:
            self._count += 1
            began = self._clock() - (time - episode.began)
            blank = Event(self._count, person.number, label, began, 0.0, 0.0)
            episode.event = self._described(episode, blank)
            self._events.append(episode.event)
            return episode.event
        return None

    def _described(self, episode: _Episode, event: Event) -> Event:
        label, seconds = episode.label, episode.last - episode.began
        return replace(event, label=label, seconds=seconds, confidence=episode.confidence[label])

    def _replace(self, episode: _Episode, event: Event) -> None:
        for index in range(len(self._events) - 1, -1, -1):
            if self._events[index].number == event.number:
                self._events[index] = episode.event = event
                return

    def _tell(self, event: Event, person: Followed, rgb: np.ndarray) -> None:
        if self.webhook:
            self.webhook.send(as_dict(event))
        if self.on_event:
            self.on_event(person, rgb)
        if not self.keep or not person.reading.box:
            return
        try:
            picture = self.keep(rgb, person.reading.box)
            self.problem = None
        except OSError as error:
            self.problem = f"A thumbnail could not be kept ({error.strerror or error}): is the disk full?"
            _LOG.warning(self.problem)
            return
        with self._lock:
            for episode in self._episodes.values():
                if episode.event and episode.event.number == event.number:
                    self._replace(episode, replace(episode.event, picture=picture))


def _near(one: Box | None, other: Box | None) -> bool:
    """Whether the boxes' middles are closer than the smaller box is wide."""
    if one is None or other is None:
        return False
    across = abs(one[0] + one[2] - other[0] - other[2]) / 2
    down = abs(one[1] + one[3] - other[1] - other[3]) / 2
    return max(across, down) < min(one[2] - one[0], other[2] - other[0])


def as_dict(event: Event) -> dict[str, Any]:
    """An event as it goes into the CSV and to the webhook: plain values, the time in ISO 8601 with its offset."""
    return {
        "event": event.number,
        "person": event.person,
        "label": event.label.value,
        "began": datetime.fromtimestamp(event.began).astimezone().isoformat(timespec="seconds"),
        "seconds": round(event.seconds, 1),
        "confidence": round(event.confidence, 3),
    }


def events_csv(events: Iterable[Event]) -> str:
    """The events as CSV text with a header line, in the order given."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ("event", "person", "label", "began", "seconds", "confidence"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_dict(event) for event in events)
    return text.getvalue()
