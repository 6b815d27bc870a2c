"""Follow faces from frame to frame, and let the last second of frames, but three at least, vote on each."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.faces.attributes import turned
from core.data.faces.detector import Box, Face
from core.inference.predictor import Predictor, Reading
from core.live.frame_rate import Pace
from core.live.tracked_person import Followed, State
from core.schema.labels import COMPLIANT, Label

VOTE_SECONDS = 1.0
# Of three, a single wrong one is outvoted.
_LEAST_VOTES = 3
# Someone who is not found for so long (in a slow stream: for a few frames) has left; the next face there is another's.
GONE_SECONDS = 0.5
# Before so much of a vote is in, nothing is said; and a state must last so long before it is said instead of another:
# in a slow stream, until the next frame.
FIRST_SECONDS = 0.3
# A face moves by less than its own size from one frame to the next, and does not halve or double.
_FARTHEST, _SCALE = 1.0, 2.0
# A narrower face is too coarse to be judged: wrong_mask is what a network misses first as faces shrink, and YuNet
# misses most masked faces that small anyway. Someone at that distance sways by a pixel or two.
TOO_FAR_PIXELS, _NEARER = 32, 1.15
# As in the slices: the tip of the nose beside the middle of the eyes by so many distances of the eyes.
TURNED = 0.4
# A voted label must be this probable, and lead the one that was said before by so much, to be said instead.
_SURE, _LEAD = 0.5, 0.1
# The odds of mask must pass the threshold's by this factor to turn a decision round: at 0.5, from 0.45 to 0.55. In odds
# because a band of probabilities about a threshold near 0 or 1 would reach that end, and could not be left there.
_BESIDE = 0.55 / 0.45


@dataclass
class _Track:
    """One person: the latest votes (time, probabilities), and what is said of them."""

    number: int
    box: Box
    first: float
    last: float
    votes: deque[tuple[float, np.ndarray]] = field(default_factory=deque)
    label: Label | None = None
    passes: bool | None = None
    state: State = State.UNSURE
    # The state that would be said instead, and since when.
    other: tuple[State, float] | None = None
    said: tuple[State, bool | None] | None = None
    since: float = 0.0


class Follower:
    """Follows the faces of one stream, however often and evenly its frames come. Deterministic: only the frames' times
    count."""

    def __init__(self, predictor: Predictor) -> None:
        self._labels, self._point = predictor.labels, predictor.operating_point
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
        seen = _seen(face, track.state)
        if seen is State.LABELLED:
            track.votes.append((time, row))
        while len(track.votes) > _LEAST_VOTES and time - track.votes[0][0] > VOTE_SECONDS:
            track.votes.popleft()
        voted = np.mean([vote for _, vote in track.votes], axis=0) if track.votes else row
        self._decide(track, voted)
        _settle(track, State.UNSURE if seen is State.LABELLED and voted.max() < _SURE else seen, time)
        if track.said != (track.state, track.passes):
            track.said, track.since = (track.state, track.passes), time
        assert track.label is not None and track.passes is not None
        probabilities = dict(zip(self._labels, voted.tolist(), strict=True))
        reading = Reading(face.box, track.label, probabilities[track.label], probabilities, track.passes)
        return Followed(track.number, reading, track.state, track.since)

    def _decide(self, track: _Track, voted: np.ndarray) -> None:
        best = int(voted.argmax())
        if track.label is not None and voted[best] < _SURE:
            # On its way from one label to another a vote passes others that are not meant.
            return
        if track.label is None or voted[best] - voted[self._labels.index(track.label)] > _LEAD:
            track.label = self._labels[best]
        mask = float(voted[self._labels.index(COMPLIANT)])
        if track.passes is None or not _beside(mask, self._point.threshold):
            track.passes = bool(self._point.passes(mask))


def _settle(track: _Track, state: State, time: float) -> None:
    """Say another state once it has lasted."""
    if state is track.state:
        track.other = None
    elif track.other is None or track.other[0] is not state:
        track.other = state, time
    elif time - track.other[1] >= FIRST_SECONDS:
        track.state, track.other = state, None


def _beside(mask: float, threshold: float) -> bool:
    """Whether a probability of mask is too close to the threshold to turn a decision round; never at 0 or 1."""
    odds, wanted = mask * (1 - threshold), threshold * (1 - mask)
    return wanted / _BESIDE < odds < wanted * _BESIDE


def _seen(face: Face, before: State) -> State:
    x0, y0, x1, y1 = face.box
    if min(x1 - x0, y1 - y0) < TOO_FAR_PIXELS * (_NEARER if before is State.TOO_FAR else 1):
        return State.TOO_FAR
    return State.TURNED_AWAY if turned(np.array(face.points)) > TURNED else State.LABELLED


def _distance(one: Box, other: Box) -> float:
    """Between the middles of two boxes, in the larger one's sides; infinite for sizes that do not fit."""
    sides = [max(box[2] - box[0], box[3] - box[1], 1) for box in (one, other)]
    if max(sides) > _SCALE * min(sides):
        return math.inf
    across = (one[0] + one[2] - other[0] - other[2]) / 2
    down = (one[1] + one[3] - other[1] - other[3]) / 2
    return math.hypot(across, down) / max(sides)
