"""When nothing is said of a face: it is too small, turned away, hardly a face, near a tie, or the network is unsure of
it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.data.faces.attributes import turned
from core.data.faces.detector import Face
from core.inference.predictor import Reading
from core.live.tracked_person import State
from core.schema.labels import COMPLIANT, Label

# A narrower face is too coarse to be judged: wrong_mask is what a network misses first as faces shrink, and YuNet
# misses most masked faces that small anyway. Someone at that distance sways by a pixel or two.
TOO_FAR_PIXELS, NEARER = 32, 1.15
# As in the slices: the tip of the nose beside the middle of the eyes by so many distances of the eyes.
TURNED = 0.4
# YuNet gives a painted pair of hands 0.50 to 0.60. Of real faces of 37 pixels or more 1.5 % get less: such a
# one can be taken again, nearer and in more light.
_CLEAR_FACE = 0.6
# The likeliest label must be this probable, and lead the next by so much.
SURE, LEAD = 0.5, 0.1
# The odds of mask must pass the threshold's by this factor to turn a decision round: at 0.5, from 0.45 to 0.55. In odds
# because a band of probabilities about a threshold near 0 or 1 would reach that end, and could not be left there.
_BESIDE = 0.55 / 0.45


def place(face: Face, least: float = TOO_FAR_PIXELS) -> State:
    """Whether a face can be judged where it is: at least `least` pixels wide and high, and seen from the front."""
    x0, y0, x1, y1 = face.box
    if min(x1 - x0, y1 - y0) < least:
        return State.TOO_FAR
    return State.TURNED_AWAY if turned(np.array(face.points)) > TURNED else State.LABELLED


def alone(face: Face, reading: Reading, threshold: float) -> State:
    """Whether a face of a single picture can be judged. Nothing but this picture speaks for it, so that it must be
    near enough beyond doubt, and a face beyond doubt."""
    if (found := place(face, TOO_FAR_PIXELS * NEARER)) is not State.LABELLED:
        return found
    if face.score < _CLEAR_FACE:
        return State.NO_FACE
    return State.UNSURE if reading.unsure or near_tie(reading.probabilities, threshold) else State.LABELLED


def near_tie(probabilities: Mapping[Label, float], threshold: float) -> bool:
    """Whether probabilities of 0..1 leave open which label it is, or whether mask reaches the threshold."""
    first, second, *_ = sorted(probabilities.values(), reverse=True)
    return first < SURE or first - second < LEAD or beside(probabilities[COMPLIANT], threshold)


def beside(mask: float, threshold: float) -> bool:
    """Whether a probability of mask is too close to the threshold to turn a decision round; never at 0 or 1."""
    odds, wanted = mask * (1 - threshold), threshold * (1 - mask)
    return wanted / _BESIDE < odds < wanted * _BESIDE
