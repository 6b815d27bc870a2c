"""Follow faces from frame to frame, and let the last second of frames, but five at least, vote on each."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.faces.detector import Box, Face
from core.inference import unsure
from core.inference.predictor import Predictor, Reading, decided, likeliest_other
from core.live import doubt
from core.live.doubt import LEAD, NEARER, SURE, TOO_FAR_PIXELS
from core.live.frame_rate import Pace
from core.live.tracked_person import Followed, State
from core.schema.labels import COMPLIANT, Label

VOTE_SECONDS = 1.0
# Fewer leave a vote open: of five, two wrong ones are outvoted.
LEAST_VOTES = 5
# Someone who is not found for so long (in a slow stream: for a few frames) has left; the next face there is another's.
GONE_SECONDS = 0.5
# A state must last so long before it is said instead of another, and a label before it is said at all: in a slow
# stream, until the next frame.
FIRST_SECONDS = 0.3
# A face moves by less than its own size from one frame to the next, and does not halve or double.
_FARTHEST, _SCALE = 1.0, 2.0


@dataclass
class _Track:
    """One person: the latest votes (time, probabilities, whether the network is unsure of that face, which then is no
    vote), and what is said of them."""

    number: int
    box: Box
    first: float
    last: float
    votes: deque[tuple[float, np.ndarray, bool]] = field(default_factory=deque)
    label: Label | None = None
    state: State = State.CHANGING
    # The state that would be said instead, and since when.
    other: tuple[State, float] | None = None
    said: tuple[State, bool] | None = None
    since: float = 0.0

    @property
    def unsure(self) -> bool:
        """Of most of the latest faces."""
        return 2 * sum(withheld for *_, withheld in self.votes) > len(self.votes)

    def voted(self) -> np.ndarray:
        """The mean probabilities (k,) of the faces that vote, or of all where none does."""
        sure = [row for _, row, withheld in self.votes if not withheld]
        return np.mean(sure or [row for _, row, _ in self.votes], axis=0)


class Follower:
    """Follows the faces of one stream, however often and evenly its frames come. Deterministic: only the frames' times
    count."""

    def __init__(self, predictor: Predictor) -> None:
        self._labels, self._point = predictor.labels, predictor.operating_point
        self._unsure_above = predictor.unsure_above
        self._tracks: list[_Track] = []
        self._pace, self._count = Pace(), 0

    def update(self, faces: Sequence[Face], rows: np.ndarray, time: float) -> list[Followed]:
        """What is known of the faces of a frame with their calibrated probabilities (n, k), at `time` in seconds of the
        stream; in the order of the faces. A time before the last one starts anew."""
        if not self._pace.tick(time):
            self._tracks.clear()
        patience = self._pace.patience(GONE_SECONDS)
        self._tracks = [track for track in self._tracks if time - track.last <= patience]
        return [
            self._followed(track, face, row, time)
            for track, face, row in zip(self._matched(faces, time), faces, rows, strict=True)
        ]

    def _matched(self, faces: Sequence[Face], time: float) -> list[_Track]:
        """A track for each face: the assignment with the smallest sum of distances (Kuhn 1955), or a new one."""
        from scipy.optimize import linear_sum_assignment

        known = list(self._tracks)
        found: dict[int, _Track] = {}
        if known and faces:
            cost = np.array([[_distance(track.box, face.box) for track in known] for face in faces])
            # No pair costs more than two who have nothing to do with each other: else someone who leaves on one side
            # while another comes on the other would shift the numbers of all between.
            cost = np.minimum(cost, _FARTHEST)
            for row, column in zip(*linear_sum_assignment(cost), strict=True):
                if cost[row, column] < _FARTHEST:
                    found[row] = known[column]
        return [found.get(index) or self._new(face, time) for index, face in enumerate(faces)]

    def _new(self, face: Face, time: float) -> _Track:
        self._count += 1
        track = _Track(self._count, face.box, time, time)
        self._tracks.append(track)
        return track

    def _followed(self, track: _Track, face: Face, row: np.ndarray, time: float) -> Followed:
        track.box, track.last = face.box, time
        seen = doubt.place(face, TOO_FAR_PIXELS * (NEARER if track.state is State.TOO_FAR else 1))
        if seen is State.LABELLED:
            track.votes.append((time, row, bool(unsure.unsure(row[None], self._unsure_above)[0])))
        while len(track.votes) > LEAST_VOTES and time - track.votes[0][0] > VOTE_SECONDS:
            track.votes.popleft()
        voted = track.voted() if track.votes else row
        probabilities = dict(zip(self._labels, voted.tolist(), strict=True))
        label = self._decide(track.label, probabilities)
        if seen is State.LABELLED and track.unsure:
            seen = State.UNSURE
        elif seen is State.LABELLED and doubt.near_tie(probabilities, self._point.threshold):
            seen = State.CHANGING
        _settle(track, seen, label is not track.label, time)
        track.label = label
        reading = Reading(face.box, label, probabilities[label], probabilities, track.unsure)
        return Followed(track.number, reading, *_said(track, reading.passes, time))

    def _decide(self, before: Label | None, voted: Mapping[Label, float]) -> Label:
        """The label by the one rule, where the vote has left the one before clearly behind."""
        if before is None:
            return decided(voted, self._point)
        beside = doubt.beside(voted[COMPLIANT], self._point.threshold)
        if before is COMPLIANT if beside else self._point.passes(voted[COMPLIANT]):
            return COMPLIANT
        best = likeliest_other(voted)
        if before is COMPLIANT or (voted[best] >= SURE and voted[best] - voted[before] > LEAD):
            return best
        # On its way from one label to another a vote passes others that are not meant.
        return before


def _settle(track: _Track, state: State, changed: bool, time: float) -> None:
    """Say that the label changes at once, and another state once it has lasted."""
    if changed or (track.state is State.LABELLED and state is State.CHANGING):
        track.other = None
        if track.state is State.LABELLED:
            track.state = State.CHANGING
    if state is track.state:
        track.other = None
    elif track.other is None or track.other[0] is not state:
        track.other = state, time
    elif time - track.other[1] >= FIRST_SECONDS:
        track.state, track.other = state, None


def _said(track: _Track, passes: bool, time: float) -> tuple[State, float]:
    """What is said, and since when."""
    few = track.state is State.LABELLED and len(track.votes) < LEAST_VOTES
    state = State.CHANGING if few else track.state
    if track.said != (state, passes):
        track.said, track.since = (state, passes), time
    return state, track.since


def _distance(one: Box, other: Box) -> float:
    """Between the middles of two boxes, in the larger one's sides; infinite for sizes that do not fit."""
    sides = [max(box[2] - box[0], box[3] - box[1], 1) for box in (one, other)]
    if max(sides) > _SCALE * min(sides):
        return math.inf
    across = (one[0] + one[2] - other[0] - other[2]) / 2
    down = (one[1] + one[3] - other[1] - other[3]) / 2
    return math.hypot(across, down) / max(sides)
