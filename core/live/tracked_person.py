"""What is said of one person over time: who, what they are taken for, and whether anything can be said at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.inference.predictor import Reading


class State(StrEnum):
    """Whether a face can be judged, and if not, why."""

    LABELLED = "labelled"
    TOO_FAR = "too far"
    TURNED_AWAY = "turned away"
    # In a video, where the next frames will tell.
    CHANGING = "changing"
    # The network is unsure of most of the last second's faces; in a still picture also near a tie.
    UNSURE = "unsure"
    NO_FACE = "no clear face"


@dataclass(frozen=True)
class Followed:
    """One face that is followed from frame to frame, or one of a still picture.

    `number` names the person within the stream or picture, from 1; `reading` has this frame's box, and the label and
    probabilities that the latest frames voted for; `since` is the stream's time in seconds from which on state and
    decision have been the same. Only with the state LABELLED does the label count.
    """

    number: int
    reading: Reading
    state: State
    since: float

    @property
    def violates(self) -> bool:
        """Whether this person is known not to wear a mask well; unknown is not a violation."""
        return self.state is State.LABELLED and not self.reading.passes
