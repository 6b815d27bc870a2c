"""Robust training changes photos as it says, keeps to what it may show, and covers bare faces only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.data import disturb
from core.data.augment import robust
from core.data.faces import landmarks
from core.data.faces.landmarks import Marks

NO_MASK = 1


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


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Notes (index of the photo's marks or None, kind, severity, training) of every real call."""
    calls: list[tuple] = []
    real = disturb.apply

    def watched_apply(kind, square, severity, rng, own=None, training=False):
        calls.append((own, str(kind), int(severity), training or kind in disturb.CORRUPTIONS))
        return real(kind, square, severity, rng, own, training)

    monkeypatch.setattr(disturb, "apply", watched_apply)
    return calls


def test_it_follows_from_the_generator_and_leaves_its_input_alone(batch):
    pixels, targets, found = batch
    before = pixels.clone()
    first, second, other = (robust.degrade(pixels, targets, NO_MASK, found, seeded(seed)) for seed in (7, 7, 8))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(pixels, before)
    assert (first.dtype, first.shape) == (torch.uint8, pixels.shape)


def test_some_photos_stay_as_they_are(batch):
    pixels, targets, found = batch
    same = torch.stack([
        (robust.degrade(pixels, targets, NO_MASK, found, seeded(seed)) == pixels).flatten(1).all(1)
        for seed in range(25)
    ]).float().mean(0)  # fmt: skip
    untouched = 1 - robust.ONCE - robust.TWICE
    assert same[12:].mean().item() == pytest.approx(untouched, abs=0.09)
    assert same[:12].mean().item() == pytest.approx(untouched * (1 - robust.COVERED), abs=0.09)


def test_it_shows_only_what_it_may(batch, monkeypatch):
    pixels, targets, found = batch
    calls = watched(monkeypatch)
    for seed in range(20):
        robust.degrade(pixels, targets, NO_MASK, found, seeded(seed))
    assert {kind for _, kind, _, _ in calls} == set(robust.TRAINED_KINDS)
    assert {severity for _, _, severity, _ in calls} == set(robust.TRAINED_SEVERITIES)
    assert all(training for _, _, _, training in calls)
    bare = set(found[:12])
    covered = [own for own, *_ in calls if own is not None]
    assert len(covered) > 20
    assert set(covered) <= bare


def test_a_bare_photo_without_a_known_face_is_never_covered(batch, monkeypatch):
    pixels, targets, _ = batch
    calls = watched(monkeypatch)
    for seed in range(5):
        robust.degrade(pixels, targets, NO_MASK, [None] * 24, seeded(seed))
    assert calls
    assert all(own is None for own, *_ in calls)


def test_the_suite_has_what_training_never_shows():
    new = set(disturb.KINDS)
    assert set(robust.TRAINED_KINDS) < new
    assert {"cup", "sunglasses", "jpeg", "noise", "rotation", "background", "far_away"} == new - set(
        robust.TRAINED_KINDS
    )
    assert robust.was_trained("sheet", 2)
    assert not robust.was_trained("sheet", 3)
    assert not robust.was_trained("cup", 2)


def test_a_single_photo_and_none_at_all(batch):
    pixels, targets, found = batch
    assert robust.degrade(pixels[:1], targets[:1], NO_MASK, found[:1], seeded(0)).shape == (1, 3, 96, 96)
    assert robust.degrade(pixels[:0], targets[:0], NO_MASK, [], seeded(0)).shape == (0, 3, 96, 96)
    assert isinstance(found[0], Marks)
