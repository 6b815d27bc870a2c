"""Faces of which the network is unsure do not vote, and who is mostly such a face is unsure."""

from __future__ import annotations

import pytest

from core.live.tracked_person import State
from core.schema.labels import Label
from tests.fixtures.tracker_fixtures import BARE, MASK, RATES, at, face, play

DOUBTED = (0.3, 0.69, 0.01)


def test_a_face_of_which_the_network_is_unsure_does_not_vote():
    """Two of five say no mask by little: with the others they would pull the mean of mask to 0.7."""
    way = [[(face(100), DOUBTED if step % 5 in (1, 3) else MASK)] for step in range(60)]
    for above, wanted in ((0.25, MASK[0]), (None, 0.6 * MASK[0] + 0.4 * DOUBTED[0])):
        last = play(at(0.5, above), way)[-1][0]
        assert last.reading.probabilities[Label.MASK] == pytest.approx(wanted, abs=0.02)
        assert (last.state, last.reading.label) == (State.LABELLED, Label.MASK)
        assert not last.reading.unsure


@pytest.mark.parametrize("rate", RATES)
def test_whom_the_network_is_unsure_of_most_of_the_time_is_unsure_and_not_violating(rate):
    half = max(8, int(2 * rate))
    way = [MASK] * half + [DOUBTED, DOUBTED, BARE] * half + [BARE] * half
    said = [people[0] for people in play(at(0.5, 0.25), [[(face(100), row)] for row in way], rate)]
    assert said[half - 1].state is State.LABELLED
    middle = said[2 * half : 4 * half]
    assert {person.state for person in middle[half:]} == {State.UNSURE}
    assert all(person.reading.unsure for person in middle[half:]) and not any(person.violates for person in middle)
    assert said[-1].state is State.LABELLED and said[-1].violates
