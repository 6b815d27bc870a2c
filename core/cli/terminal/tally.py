"""What `classify` says of a video: a line when something changes for a person, a live line, and the sum at the end."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from core.live.draw import verdict
from core.live.tracked_person import State
from core.schema.labels import Label
from core.text.numbers import clock, confidence

# Nobody comes back under their number after so long.
_FORGET_SECONDS = 30.0


class Tally:
    """Counts the records of a video frame by frame; what it holds does not grow with the video's length."""

    def __init__(self) -> None:
        self.frames = self.with_face = 0
        self.people = 0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.decided: defaultdict[str, float] = defaultdict(float)
        self._time: float | None = None
        # What was said of each person, and when they were last in the picture.
        self._said: dict[int, tuple[str, float]] = {}

    def add(self, time: float, records: list[dict[str, Any]]) -> list[str]:
        """Take a frame's records; the lines about those for whom something changed."""
        passed = 0.0 if self._time is None else max(0.0, time - self._time)
        self._time = time
        self.frames += 1
        self.with_face += bool(records)
        lines = []
        for record in records:
            self.people = max(self.people, record["number"])
            self.seconds[_said(record)] += passed
            if record["state"] == State.LABELLED:
                self.decided[verdict(record["passes"])] += passed
            lines += self._changed(time, record)
        self._said = {who: kept for who, kept in self._said.items() if time - kept[1] < _FORGET_SECONDS}
        return lines

    def now(self, records: list[dict[str, Any]], hint: str) -> str:
        """The live line: the time, who is in the picture, and how to end."""
        faces = " · ".join(f"{record['number']}: {_words(record)}" for record in records) or "no face"
        return f"{clock(self._time or 0.0)}  {faces}{hint}"

    def summary(self) -> list[str]:
        """The sum in a few lines."""
        persons = f"{self.people} {'person' if self.people == 1 else 'persons'}"
        lines = [f"{persons}; a face in {self.with_face} of {self.frames} frames, {clock(self._time or 0.0)} in all."]
        for title, seconds in (("Seen", self.seconds), ("Decided", self.decided)):
            if seconds:
                parts = sorted(seconds.items(), key=lambda item: -item[1])
                lines.append(f"{title}: " + ", ".join(f"{what} {spent:.1f} s" for what, spent in parts) + ".")
        return lines

    def _changed(self, time: float, record: dict[str, Any]) -> list[str]:
        number = record["number"]
        decided = record["state"] == State.LABELLED
        said = f"{_said(record)} {verdict(record['passes'])}" if decided else _said(record)
        before = self._said.get(number)
        if said == State.CHANGING:
            # On the way to what is said next, or in the first moment.
            return []
        self._said[number] = (said, time)
        if before and before[0] == said:
            return []
        return [f"{time:.2f} s  person {number}  {_words(record)}"]


def _said(record: dict[str, Any]) -> str:
    return Label(record["label"]).row.title if record["state"] == State.LABELLED else record["state"]


def _words(record: dict[str, Any]) -> str:
    if record["state"] != State.LABELLED:
        return record["state"]
    return f"{_said(record)} {confidence(record['confidence'])} {verdict(record['passes'])}"
