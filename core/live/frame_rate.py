"""How often frames come: as they are seen to, whatever their stream says of itself."""

from __future__ import annotations

from collections import deque

_KEPT = 15
# Whoever is not found in two frames, one after the other, is still waited for.
_FRAMES = 3.5
# Whoever stands there after so many seconds may be another person, however seldom frames come.
_LONGEST = 8.0


class Pace:
    """Takes the time of every frame of a stream, in seconds."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._intervals: deque[float] = deque(maxlen=_KEPT)

    def tick(self, time: float) -> bool:
        """Take a frame's time; False where it lies before the last one's, which is another stream's clock."""
        forward = self._last is None or time >= self._last
        if not forward:
            self._intervals.clear()
        elif self._last is not None:
            self._intervals.append(time - self._last)
        self._last = time
        return forward

    def patience(self, seconds: float) -> float:
        """How long to wait for someone who is not found: `seconds`, or longer where frames come so seldom that these
        would be few. Goes by the second longest of the latest intervals: one alone does not make a stream slow, and
        frames that come in bursts do not make it quick."""
        ordered = sorted(self._intervals)
        usual = ordered[max(0, len(ordered) - 2)] if ordered else 0.0
        return max(seconds, min(_FRAMES * usual, _LONGEST))
