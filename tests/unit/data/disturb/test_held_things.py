"""What is held before a training photo's face leaves its label as it is, and is filled with no piece of a mask."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.data.augment import held_things
from core.data.augment.held_things import (
    BESIDE_HIDDEN,
    KINDS,
    PARTLY_HIDDEN,
    SHARES,
    Place,
    filling_of,
    hidden,
    hold,
    place_for,
)
from core.data.disturb import OCCLUDERS
from core.data.faces.landmarks import Marks
from core.schema.labels import BARE, Label

SIDE = 128
# Faces seen from the front, held aslant, and half from the side.
FRONT = Marks((0.2, 0.1, 0.8, 0.9), ((0.38, 0.4), (0.62, 0.4), (0.5, 0.55), (0.41, 0.7), (0.59, 0.7)))
ASLANT = Marks((0.2, 0.15, 0.85, 0.9), ((0.42, 0.36), (0.64, 0.46), (0.48, 0.57), (0.35, 0.67), (0.52, 0.75)))
ASIDE = Marks((0.25, 0.1, 0.8, 0.9), ((0.42, 0.38), (0.6, 0.38), (0.56, 0.54), (0.44, 0.7), (0.57, 0.7)))
FACES = [FRONT, ASLANT, ASIDE]
GREY = np.full((SIDE, SIDE, 3), 130, np.uint8)
SEVERITIES = (2, 4)
RED = np.full((20, 30, 3), (220, 20, 20), np.uint8)


def layers(place: Place, monkeypatch: pytest.MonkeyPatch, count: int = 60) -> Iterator[tuple[np.ndarray, Marks]]:
    """The opacity of what is held there, with the marks of the face."""
    seen: list[np.ndarray] = []
    real = held_things.lay
    monkeypatch.setattr(held_things, "lay", lambda square, layer: seen.append(layer.alpha) or real(square, layer))
    for seed in range(count):
        seen.clear()
        marks = FACES[seed % 3]
        hold(GREY, place, marks, SEVERITIES, None, np.random.default_rng(seed))
        if seen:
            yield seen[0], marks


def test_it_follows_from_its_generator_and_leaves_the_photo_alone():
    before = GREY.copy()
    for place in Place:
        first, second, other = (
            hold(GREY, place, FRONT, SEVERITIES, RED, np.random.default_rng(seed)) for seed in (4, 4, 5)
        )
        assert np.array_equal(first, second) and not np.array_equal(first, other)
        assert (first.dtype, first.shape) == (np.uint8, GREY.shape)
    assert np.array_equal(GREY, before)


@pytest.mark.parametrize("place", Place)
def test_almost_always_something_fits_that_is_in_the_picture(place: Place, monkeypatch):
    drawn = list(layers(place, monkeypatch))
    assert len(drawn) > 0.85 * 60
    assert min(alpha.mean() for alpha, _ in drawn) > 0.01


def test_what_is_partly_before_a_mask_leaves_it_to_be_seen(monkeypatch):
    shares = [hidden(alpha, marks)[0] for alpha, marks in layers(Place.PARTLY, monkeypatch)]
    # The coarse outline by which a thing is placed is a little off.
    assert max(shares) < PARTLY_HIDDEN + 0.04
    assert np.mean(np.array(shares) > 0.03) > 0.6, "most touch the mask"


def test_what_is_beside_a_face_leaves_what_tells_that_a_mask_is_worn_wrongly(monkeypatch):
    for alpha, marks in layers(Place.BESIDE, monkeypatch):
        _, upper, lower = hidden(alpha, marks)
        assert max(upper, lower) < BESIDE_HIDDEN + 0.04
        x, y = (SIDE * np.array(marks.points[2:])).astype(int).T
        assert alpha[y, x].max() < 0.2


def test_what_is_over_the_mouth_hides_it(monkeypatch):
    over = []
    for alpha, marks in layers(Place.OVER, monkeypatch):
        x, y = (SIDE * np.array(marks.points[3:])).astype(int).T
        over.append(alpha[y, x].min() > 0.5)
    assert np.mean(over) > 0.9


def test_a_thing_beside_a_face_says_nothing_about_the_label():
    rng = np.random.default_rng(0)
    drawn = {label: [place_for(label, rng) for _ in range(4000)] for label in Label}
    share = {(label, place): own.count(place) / 4000 for label, own in drawn.items() for place in Place}
    allowed = {BARE: set(Place), Label.MASK: {Place.BESIDE, Place.PARTLY}, Label.WRONG_MASK: {Place.BESIDE}}
    for (label, place), own in share.items():
        assert own == pytest.approx(SHARES[place] if place in allowed[label] else 0, abs=0.025)


def test_how_much_is_hidden():
    nothing, all_of_it = np.zeros((64, 64)), np.ones((64, 64))
    assert hidden(nothing, FRONT) == (0, 0, 0)
    assert hidden(all_of_it, FRONT) == (1, 1, 1)
    chin = np.zeros((64, 64))
    chin[int(0.78 * 64) :] = 1
    whole, upper, lower = hidden(chin, FRONT)
    assert upper == 0 and lower > 0.6 and 0.15 < whole < 0.5


@pytest.mark.parametrize("marks", FACES)
def test_a_filling_lies_above_the_eyes(marks: Marks):
    rows = np.repeat(np.arange(SIDE, dtype=np.uint8)[:, None, None], SIDE, axis=1).repeat(3, axis=2)
    pieces = [filling_of(rows, marks, np.random.default_rng(seed)) for seed in range(40)]
    assert max(int(piece.max()) for piece in pieces) < SIDE * min(y for _, y in marks.points[:2])
    assert len({piece.shape for piece in pieces}) > 5


def test_a_face_that_fills_the_photo_gives_no_filling():
    high = Marks((0, 0, 1, 1), ((0.3, 0.1), (0.7, 0.1), (0.5, 0.4), (0.35, 0.7), (0.65, 0.7)))
    assert filling_of(GREY, high, np.random.default_rng(0)) is None


def test_a_filling_takes_the_place_of_the_paint_and_not_of_the_skin():
    dress = held_things._filled(RED, np.random.default_rng(0))
    plain, red = (
        OCCLUDERS["sheet"].layer(GREY, 4, np.random.default_rng(1), FRONT, True, 0.0, own) for own in (None, dress)
    )
    assert np.array_equal(plain.alpha, red.alpha)
    inside = red.rgb[red.alpha > 0.99]
    assert np.median(inside[:, 0]) > 3 * np.median(inside[:, 1])
    assert np.ptp(plain.rgb[plain.alpha > 0.99], axis=1).max() < 100
    assert red.rgb.min() >= 0 and red.rgb.max() <= 255
    bare, same = (
        OCCLUDERS["hand"].layer(GREY, 4, np.random.default_rng(1), FRONT, True, 0.0, own) for own in (None, dress)
    )
    assert np.array_equal(bare.rgb, same.rgb)


def test_neither_paint_nor_filling_is_brighter_than_white():
    white = np.full((20, 30, 3), 250, np.uint8)
    for seed in range(12):
        for make in (held_things._tinted, lambda rng: held_things._filled(white, rng)):
            dress = make(np.random.default_rng(seed))
            drawn = OCCLUDERS["sheet"].layer(GREY + 120, 4, np.random.default_rng(seed), FRONT, True, 0.0, dress)
            assert drawn.rgb.min() >= 0
            assert (drawn.rgb <= 255 * drawn.alpha[..., None] + 0.01).all()


def test_only_designs_of_training_are_held():
    assert set(KINDS) == {name for name, kind in OCCLUDERS.items() if kind.trained}
    assert "cup" not in KINDS and "sunglasses" not in KINDS
