"""Masks drawn onto bare faces: where they lie, the label that they make, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.augment import worn_masks
from core.data.augment.worn_masks import SHARE, WORN, put_on
from core.data.faces.landmarks import Marks
from core.schema.labels import THREE_CLASSES, TWO_CLASSES, Label

SIDE = 160
# A face seen from the front: eyes, nose, mouth.
FACE = Marks((0.2, 0.1, 0.8, 0.9), ((0.38, 0.4), (0.62, 0.4), (0.5, 0.55), (0.41, 0.7), (0.59, 0.7)))
PROFILE = replace(FACE, points=((0.38, 0.4), (0.5, 0.4), (0.3, 0.55), (0.4, 0.7), (0.47, 0.7)))
NOSE, MOUTH, EYES, CHIN, FOREHEAD = (0.5, 0.55), (0.5, 0.7), (0.5, 0.4), (0.5, 0.89), (0.5, 0.18)
GREY = np.full((SIDE, SIDE, 3), 130, np.uint8)
# Of all looks the one that is least like GREY.
BLACK = "black FFP2"


def _covered(square: np.ndarray, place: tuple[float, float]) -> bool:
    """More than a shadow lies there."""
    x, y = (round(SIDE * share) for share in place)
    return bool(np.abs(square[y - 1 : y + 2, x - 1 : x + 2].astype(int) - 130).max() > 45)


@pytest.mark.parametrize(
    ("place", "covers", "leaves", "label"),
    [
        ("on", (NOSE, MOUTH), (EYES,), Label.MASK), ("under the nose", (MOUTH, CHIN), (NOSE, EYES), Label.WRONG_MASK),
        ("on the chin", (CHIN,), (NOSE, MOUTH, EYES), Label.WRONG_MASK),
        ("over the eyes", (EYES,), (MOUTH, CHIN), Label.WRONG_MASK),
        ("on the forehead", (FOREHEAD,), (EYES, NOSE, MOUTH, CHIN), Label.WRONG_MASK),
        ("from an ear", (), (EYES, NOSE, MOUTH), Label.WRONG_MASK),
    ],
)  # fmt: skip
def test_a_mask_lies_where_its_label_says(place, covers, leaves, label):
    kind, own = WORN[place]
    assert own is label
    kind = replace(kind, training={BLACK: kind.training[f"{BLACK} mask {place}"]})
    for seed in range(20):
        square = kind.apply(GREY, 1 + seed % 5, np.random.default_rng(seed), FACE, training=True)
        assert all(_covered(square, spot) for spot in covers), f"seed {seed}"
        assert not any(_covered(square, spot) for spot in leaves), f"seed {seed}"
        assert any(_covered(square, (x, 0.7)) for x in (0.12, 0.16, 0.84, 0.88)) or place != "from an ear"


def _batch(count: int, target: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full((count, 3, SIDE, SIDE), 130, dtype=torch.uint8), torch.full((count,), target)


def test_a_share_of_bare_faces_gets_one_half_of_them_well_and_the_same_again():
    pixels, targets = _batch(600, THREE_CLASSES.index(Label.NO_MASK))
    drawn, labels = put_on(pixels, targets, THREE_CLASSES, [FACE] * 600, torch.Generator().manual_seed(1))
    count = {label: int((labels == THREE_CLASSES.index(label)).sum()) for label in Label}
    assert 600 - count[Label.NO_MASK] == pytest.approx(600 * SHARE, abs=45)
    assert count[Label.MASK] == pytest.approx(count[Label.WRONG_MASK], abs=45)
    worn = (drawn != 130).flatten(1).any(1)
    assert torch.equal(worn, labels != targets), "those and no others are changed"
    again, same = put_on(pixels, targets, THREE_CLASSES, [FACE] * 600, torch.Generator().manual_seed(1))
    assert torch.equal(drawn, again) and torch.equal(labels, same)
    assert (pixels == 130).all() and (targets == THREE_CLASSES.index(Label.NO_MASK)).all(), "copies are changed"


@pytest.mark.parametrize(
    ("target", "marks"),
    [(Label.MASK, FACE), (Label.WRONG_MASK, FACE), (Label.NO_MASK, None), (Label.NO_MASK, PROFILE)],
)
def test_nothing_is_drawn_onto_a_mask_a_profile_or_where_no_face_is_known(target, marks):
    pixels, targets = _batch(60, THREE_CLASSES.index(target))
    drawn, labels = put_on(pixels, targets, THREE_CLASSES, [marks] * 60, torch.Generator().manual_seed(1))
    assert torch.equal(drawn, pixels) and torch.equal(labels, targets)


def test_who_learns_two_labels_gets_masks_that_are_worn_well():
    pixels, targets = _batch(100, TWO_CLASSES.index(Label.NO_MASK))
    _, labels = put_on(pixels, targets, TWO_CLASSES, [FACE] * 100, torch.Generator().manual_seed(1))
    assert set(labels.tolist()) == {TWO_CLASSES.index(Label.MASK), TWO_CLASSES.index(Label.NO_MASK)}


def test_each_look_and_place_is_painted_with_an_edge():
    for place in WORN:
        for look in worn_masks._LOOKS:
            canvas = worn_masks.mask(place, look)
            assert canvas.alpha.max() == pytest.approx(1.0, abs=0.01) and 0.02 < canvas.alpha.mean() < 0.3
            assert np.isfinite(canvas.rgb).all() and canvas.rgb.min() >= -1
