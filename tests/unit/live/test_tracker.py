"""Faces are followed from frame to frame; the last second votes; what cannot be judged is said to be so."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from core.data.faces.detector import FaceFinder, crop
from core.inference.predictor import Predictor
from core.live.doubt import TOO_FAR_PIXELS
from core.live.media.sources import open_source
from core.live.tracked_person import State
from core.live.tracker import FIRST_SECONDS, GONE_SECONDS, LEAST_VOTES, Follower
from core.schema.labels import Label
from core.store import paths
from tests.fixtures.live_fixtures import tiny_model
from tests.fixtures.tracker_fixtures import BARE, BETWEEN, MASK, RATES, at, face, play


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return Predictor(tiny_model(tmp_path_factory.mktemp("follow") / "m.pth"))


def test_a_face_keeps_its_number_while_it_moves_and_through_a_short_gap(predictor):
    moving = [[(face(100 + 10 * step), MASK)] for step in range(15)]
    gap = [[]] * int(15 * GONE_SECONDS / 2)
    said = play(Follower(predictor), moving + gap + [[(face(260), MASK)]])
    assert {person.number for people in said for person in people} == {1}


def test_who_comes_after_a_long_gap_is_another_person(predictor):
    said = play(Follower(predictor), [[(face(100), MASK)]] + [[]] * 15 + [[(face(100), MASK)]])
    assert (said[0][0].number, said[-1][0].number) == (1, 2)


def test_two_people_who_pass_each_other_keep_their_numbers(predictor):
    frames = [[(face(100 + 10 * step, 100), MASK), (face(400 - 10 * step, 160), BARE)] for step in range(30)]
    last = play(Follower(predictor), frames)[-1]
    assert [(person.number, person.reading.label) for person in last] == [(1, Label.MASK), (2, Label.NO_MASK)]


def test_who_stays_keeps_the_number_while_one_leaves_and_another_comes(predictor):
    before, after = [(face(100), MASK), (face(172), BARE)], [(face(100), MASK), (face(30), BARE)]
    said = play(Follower(predictor), [before] * 5 + [after] * 5)
    assert [person.number for person in said[4]] == [1, 2]
    assert [person.number for person in said[-1]] == [1, 3]


def test_single_wrong_frames_do_not_change_what_is_said(predictor):
    frames = [[(face(100), BARE if step % 5 == 4 else MASK)] for step in range(45)]
    said = play(Follower(predictor), frames)
    assert {person.reading.label for people in said for person in people} == {Label.MASK}


@pytest.mark.parametrize("rate", [5.0, 15.0, 30.0])
def test_a_lasting_change_is_said_within_a_second_at_any_rate(predictor, rate):
    frames = [[(face(100), MASK)]] * int(2 * rate) + [[(face(100), BARE)]] * int(2 * rate)
    said = play(Follower(predictor), frames, rate)
    labels = [people[0].reading.label for people in said]
    assert labels[int(2 * rate) - 1] is Label.MASK
    assert labels[int(3 * rate)] is Label.NO_MASK
    assert Counter(labels[i] is not labels[i - 1] for i in range(1, len(labels)))[True] == 1


@pytest.mark.parametrize("rate", RATES)
def test_at_any_rate_one_person_is_one_with_a_label_that_follows_changes(predictor, rate):
    half = max(8, int(2 * rate))
    way = [MASK] * half + [BARE] * half
    said = play(Follower(predictor), [[(face(100 + step % 3), row)] for step, row in enumerate(way)], rate)
    assert {person.number for people in said for person in people} == {1}
    # Until there is a vote, and from the tie on the way to the other label until that has lasted.
    lasting = math.ceil(FIRST_SECONDS * rate) + 1
    assert [people[0].state for people in said[:half]].count(State.CHANGING) <= max(LEAST_VOTES - 1, lasting)
    assert [people[0].state for people in said[half:]].count(State.CHANGING) <= 3 + 2 * lasting
    labels = [people[0].reading.label for people in said]
    assert (labels[half - 1], labels[-1]) == (Label.MASK, Label.NO_MASK)
    assert said[half - 1][0].reading.passes and said[-1][0].violates


@pytest.mark.parametrize("rate", RATES)
def test_at_any_rate_a_single_wrong_frame_changes_nothing(predictor, rate):
    way = [MASK, MASK, MASK, BARE] * 10
    said = play(Follower(predictor), [[(face(100), row)] for row in way], rate)
    assert {people[0].reading.label for people in said} == {Label.MASK}
    assert not any(people[0].violates for people in said)


@pytest.mark.parametrize("rate", RATES)
def test_at_any_rate_who_leaves_is_gone(predictor, rate):
    away = [[]] * (4 + int(GONE_SECONDS * rate))
    said = play(Follower(predictor), [[(face(100), MASK)]] * 8 + away + [[(face(100), BARE)]] * 8, rate)
    assert (said[7][0].number, said[-1][0].number) == (1, 2)


def uneven(rate: float, frames: int, seed: int, lost: float, start: float = 0.0) -> np.ndarray:
    """Times that lie up to a third of an interval beside their own, of which this share is lost, never three in a
    row."""
    rng = np.random.default_rng(seed)
    times = start + (np.arange(frames) + rng.uniform(0, 0.33, frames)) / rate
    kept = rng.random(frames) >= lost
    kept[::3] = True
    return times[kept]


def play_at(follower: Follower, times: np.ndarray, row):
    return [follower.update([face(100)], np.array([row]), time)[0] for time in times.tolist()]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("lost", [0.0, 0.4])
@pytest.mark.parametrize("seed", range(4))
def test_uneven_and_lost_frames_do_not_make_another_person(predictor, rate, lost, seed):
    said = play_at(Follower(predictor), uneven(rate, 100, seed, lost), BARE)
    assert {person.number for person in said} == {1}
    assert all(person.state is State.LABELLED for person in said[max(LEAST_VOTES, 1 + int(2 * FIRST_SECONDS * rate)) :])


@pytest.mark.parametrize("seed", range(4))
def test_frames_that_come_in_bursts_do_not_make_another_person(predictor, seed):
    bursts = (np.arange(30)[:, None] + np.arange(4) / 20).ravel()
    bursts += np.random.default_rng(seed).uniform(0, 0.02, len(bursts))
    said = play_at(Follower(predictor), bursts, BARE)
    # Until there have been two pauses, they are the exception.
    assert len({person.number for person in said[8:]}) == 1
    assert all(person.violates for person in said[12:])


@pytest.mark.parametrize("before", [3, 10, 100])
def test_a_single_long_gap_of_a_quick_stream_still_means_gone(predictor, before):
    follower = Follower(predictor)
    known = play_at(follower, uneven(30, before, 1, 0.0), MASK)
    after = play_at(follower, uneven(30, 30, 2, 0.0, start=before / 30 + 3), BARE)
    assert {person.number for person in known} == {1}
    assert {person.number for person in after} == {2}


def test_a_stream_that_becomes_slow_is_followed_again_after_some_frames(predictor):
    follower = Follower(predictor)
    play_at(follower, uneven(30, 100, 1, 0.0), MASK)
    slow = play_at(follower, uneven(1, 40, 2, 0.0, start=5), BARE)
    assert len({person.number for person in slow[8:]}) == 1
    assert all(person.violates for person in slow[10:])


def test_a_label_that_is_only_passed_on_the_way_to_another_is_not_said(predictor):
    way = [BARE] * 20 + [(0.3, 0.25, 0.45)] * 10 + [MASK] * 20
    said = play(Follower(predictor), [[(face(100), row)] for row in way])
    assert {people[0].reading.label for people in said} == {Label.NO_MASK, Label.MASK}


def test_nothing_is_said_of_the_first_moment_or_of_an_even_vote(predictor):
    said = play(Follower(predictor), [[(face(100), MASK)]] * 15)
    assert {people[0].state for people in said[: LEAST_VOTES - 1]} == {State.CHANGING}
    assert not said[0][0].violates
    assert said[int(15 * FIRST_SECONDS) + 2][0].state is State.LABELLED
    assert play(Follower(predictor), [[(face(100), BETWEEN)]] * 30)[-1][0].state is State.CHANGING


@pytest.mark.parametrize("rate", RATES)
def test_a_vote_of_fewer_than_five_frames_is_changing(predictor, rate):
    said = play(Follower(predictor), [[(face(100), MASK)]] * 4, rate)
    assert {people[0].state for people in said} == {State.CHANGING}


def test_who_has_just_changed_is_changing_and_label_and_decision_never_contradict(predictor):
    frames = [MASK] * 30 + [BARE] * 30 + [(0.01, 0.01, 0.98)] * 30 + [MASK] * 30
    said = [people[0] for people in play(Follower(predictor), [[(face(100), row)] for row in frames])]
    for before, person in pairwise(said):
        assert person.reading.passes == (person.reading.label is Label.MASK)
        if person.reading.label is not before.reading.label:
            assert person.state is State.CHANGING
    sure = [person for person in said if person.state is State.LABELLED]
    assert {person.reading.label for person in sure} == set(Label)
    assert min(person.reading.confidence for person in sure) > 0.55


def test_small_and_turned_faces_are_not_judged_and_do_not_vote(predictor):
    small = play(Follower(predictor), [[(face(100, side=TOO_FAR_PIXELS - 2), BARE)]] * 15)[-1][0]
    assert (small.state, small.violates) == (State.TOO_FAR, False)
    follower = Follower(predictor)
    play(follower, [[(face(100), MASK)]] * 15)
    (aside,) = play(follower, [[(face(100, turned=0.8), BARE)]] * 10, start=1.0)[-1]
    assert (aside.state, aside.reading.label) == (State.TURNED_AWAY, Label.MASK)


THRESHOLDS = [0.004, 0.03, 0.5, 0.97, 0.999]


def decisions(follower: Follower, masks: Sequence[float]) -> list[bool]:
    """Of one face with these probabilities of mask, frame by frame."""
    return [people[0].reading.passes for people in play(follower, [[(face(100), (p, 1 - p, 0.0))] for p in masks])]


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("near", [2.0, 10.0, 1e6])
def test_every_decision_can_be_left_whatever_the_threshold(threshold, near):
    """A bare face that puts a mask on passes, and a masked one that takes it off is stopped: also where the odds are
    only so many times the threshold's, or that part of them."""
    odds = threshold / (1 - threshold)
    mask, bare = (changed / (1 + changed) for changed in (odds * near, odds / near))
    assert decisions(at(threshold), [bare] * 30 + [mask] * 300)[29::300] == [False, True]
    assert decisions(at(threshold), [mask] * 30 + [bare] * 300)[29::300] == [True, False]


def test_a_sure_mask_after_a_bare_face_is_no_violation_at_a_high_threshold():
    frames = [[(face(100), (0.01, 0.98, 0.01))]] * 30 + [[(face(100), (0.9995, 0.0003, 0.0002))]] * 300
    said = play(at(0.97), frames)
    assert said[29][0].violates
    assert not any(people[0].violates for people in said[60:])


@pytest.mark.parametrize(("threshold", "passes"), [(0.0, [True, True]), (1.0, [False, True])])
def test_a_threshold_of_0_lets_all_pass_and_one_of_1_only_certainty(threshold, passes):
    assert decisions(at(threshold), [0.0] * 30 + [1.0] * 60)[29::60] == passes
    assert decisions(at(threshold), [1.0] * 30 + [0.0] * 60)[29::60] == passes[::-1]


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_vote_that_jitters_about_the_threshold_does_not_flicker(threshold):
    jitter = np.random.default_rng(1).normal(0, 0.3, 600)
    masks = 1 / (1 + (1 / threshold - 1) * np.exp(-jitter))
    votes = np.convolve(masks, np.full(15, 1 / 15), "valid")
    assert np.count_nonzero(np.diff(votes >= threshold)) > 20
    said = decisions(at(threshold), masks)[15:]
    assert np.count_nonzero(np.diff(said)) <= 1


def test_since_says_when_state_and_decision_began(predictor):
    said = play(Follower(predictor), [[(face(100), MASK)]] * 30 + [[(face(100), BARE)]] * 30)
    assert said[29][0].since == pytest.approx(FIRST_SECONDS, abs=0.15)
    assert 2.0 < said[-1][0].since < 3.0
    assert said[-1][0].violates


def test_a_time_that_goes_back_starts_anew(predictor):
    follower = Follower(predictor)
    play(follower, [[(face(100), MASK)]] * 5, start=10.0)
    (person,) = play(follower, [[(face(100), BARE)]], start=0.0)[-1]
    assert (person.number, person.reading.label) == (2, Label.NO_MASK)


def test_on_a_real_clip_labels_change_less_often_than_the_frames_do(photos: Path):
    predictor, finder = Predictor(paths.STARTER_FILE), FaceFinder()
    follower, raw, said = Follower(predictor), {}, {}
    changes = Counter()
    with closing(open_source(str(photos / "clips" / "five_people_mask_on_off.mp4")).frames) as frames:
        for frame in islice(frames, 0, None, 2):
            faces = finder.find(frame.pixels)
            rows = predictor.probabilities([crop(frame.pixels, own.box) for own in faces])
            for person, row in zip(follower.update(faces, rows, frame.time), rows, strict=True):
                changes["raw"] += raw.get(person.number, row.argmax()) != row.argmax()
                changes["said"] += said.get(person.number, person.reading.label) != person.reading.label
                raw[person.number], said[person.number] = row.argmax(), person.reading.label
    # Four people put a mask on, and one of them takes it off and puts it on again: six changes.
    assert 6 <= changes["said"] < changes["raw"]
