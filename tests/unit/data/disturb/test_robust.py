"""Robust training changes photos as it says, keeps to what it may show, and holds things before faces of each label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.data import disturb
from core.data.augment import held_things, robust
from core.data.augment.held_things import SHARES, Place
from core.data.faces import landmarks
from core.data.faces.landmarks import Marks
from core.schema.labels import BARE, THREE_CLASSES

NO_MASK = THREE_CLASSES.index(BARE)


@pytest.fixture(scope="module")
def batch(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[torch.Tensor, torch.Tensor, list]:
    """24 drawn photos, half bare and half masked, with their targets and marks; all faces were found."""
    files = sorted(
        path.relative_to(faces).as_posix() for label in ("no_mask", "mask") for path in (faces / label).rglob("*.jpg")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASKLAB_HOME", str(tmp_path_factory.mktemp("marks")))
        found = landmarks.find(faces, files)
    known = [[file for file in files if file.startswith(f"{label}/") and found[file]][:12]
             for label in ("no_mask", "mask")]  # fmt: skip
    chosen = known[0] + known[1]
    assert len(chosen) == 24
    squares = [np.asarray(Image.open(faces / file).convert("RGB").resize((96, 96))) for file in chosen]
    targets = torch.tensor([NO_MASK] * 12 + [0] * 12)
    return torch.from_numpy(np.stack(squares).transpose(0, 3, 1, 2).copy()), targets, [found[file] for file in chosen]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def watched(monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, int]], list[tuple[Place, Marks]]]:
    """Notes (kind, severity) of every real change, and (place, marks) of every face that something is held before."""
    changes: list[tuple[str, int]] = []
    held: list[tuple[Place, Marks]] = []
    apply, hold = disturb.apply, held_things.hold

    def watched_apply(kind, square, severity, rng, own=None, training=False):
        changes.append((str(kind), int(severity)))
        return apply(kind, square, severity, rng, own, training)

    def watched_hold(square, place, marks, severities, filling, rng):
        assert severities == robust.THING_SEVERITIES
        held.append((place, marks))
        return hold(square, place, marks, severities, filling, rng)

    monkeypatch.setattr(disturb, "apply", watched_apply)
    monkeypatch.setattr(held_things, "hold", watched_hold)
    return changes, held


def test_it_follows_from_the_generator_and_leaves_its_input_alone(batch):
    pixels, targets, found = batch
    before = pixels.clone()
    first, second, other = (robust.degrade(pixels, targets, THREE_CLASSES, found, seeded(seed)) for seed in (7, 7, 8))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(pixels, before)
    assert (first.dtype, first.shape) == (torch.uint8, pixels.shape)


def test_some_photos_stay_as_they_are(batch):
    pixels, targets, found = batch
    same = torch.stack([
        (robust.degrade(pixels, targets, THREE_CLASSES, found, seeded(seed)) == pixels).flatten(1).all(1)
        for seed in range(25)
    ]).float().mean(0)  # fmt: skip
    untouched = 1 - robust.ONCE - robust.TWICE
    free = 1 - sum(SHARES.values()), 1 - SHARES[Place.BESIDE] - SHARES[Place.PARTLY]
    assert same[:12].mean().item() == pytest.approx(untouched * free[0], abs=0.09)
    assert same[12:].mean().item() == pytest.approx(untouched * free[1], abs=0.09)


def test_it_shows_only_what_it_may(batch, monkeypatch):
    pixels, targets, found = batch
    changes, held = watched(monkeypatch)
    for seed in range(20):
        robust.degrade(pixels, targets, THREE_CLASSES, found, seeded(seed))
    assert {kind for kind, _ in changes} == set(robust.TRAINED_CHANGES)
    assert {severity for _, severity in changes} == set(robust.CAMERA_SEVERITIES)
    assert {place for place, _ in held} == set(Place)
    assert {marks for place, marks in held if place is Place.OVER} <= set(found[:12]), "a mask is hidden"
    assert any(marks in found[12:] for place, marks in held if place is Place.PARTLY)


def test_a_photo_without_a_known_face_is_never_covered(batch, monkeypatch):
    pixels, targets, _ = batch
    changes, held = watched(monkeypatch)
    for seed in range(5):
        robust.degrade(pixels, targets, THREE_CLASSES, [None] * 24, seeded(seed))
    assert changes and not held


def test_the_suite_has_what_training_never_shows():
    new = set(disturb.KINDS)
    assert set(robust.TRAINED_KINDS) < new
    assert {"cup", "sunglasses", "jpeg", "noise", "rotation", "background", "far_away", "backlight"} == new - set(
        robust.TRAINED_KINDS
    )
    assert robust.was_trained("sheet", 2)
    assert not robust.was_trained("sheet", 3)
    assert not robust.was_trained("cup", 2)
    assert robust.was_trained("low_light", 3) and not robust.was_trained("low_light", 4)


def test_a_single_photo_and_none_at_all(batch):
    pixels, targets, found = batch
    assert robust.degrade(pixels[:1], targets[:1], THREE_CLASSES, found[:1], seeded(0)).shape == (1, 3, 96, 96)
    assert robust.degrade(pixels[:0], targets[:0], THREE_CLASSES, [], seeded(0)).shape == (0, 3, 96, 96)
    assert isinstance(found[0], Marks)
