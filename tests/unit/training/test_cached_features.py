"""Augmented views whose features are kept: right, made once, bounded, and made again where they are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.data.augment import affine
from core.data.cache import network_outputs as keeping
from core.data.dataset.torch_dataset import FacePhotos
from core.store import paths
from core.training import cached_features
from core.training.loop import Training, seeded
from tests.fixtures.compute_support import CPU, config_of, network_of, six_photos_a_label, training


@pytest.fixture(scope="module")
def photos(faces: Path) -> FacePhotos:
    return six_photos_a_label(faces)


def test_kept_views_are_what_fresh_ones_would_be(photos):
    """Each kept view is the frozen network's answer to an augmented photo, and an epoch takes each photo once."""
    config = config_of("MobileNet", views=4, learning_rate=0.01)
    own = training(photos, config)
    kept = cached_features.kept(own.compute, own.feed, config, own._shown, lambda done, total: None)
    assert kept.features.shape == (4, len(photos), 1280)
    generator = torch.Generator().manual_seed(2**40 + config.seed * 100_003 + 2)
    pixels = photos.load(range(len(photos))).pixels
    shown = affine.warp(pixels, affine.sample(len(photos), generator))
    direct = own.compute.features(shown)
    assert torch.allclose(torch.from_numpy(kept.features[2].copy()), direct, atol=1e-4)
    assert not torch.allclose(torch.from_numpy(kept.features[1].copy()), direct, atol=1e-2)
    own._views_made()
    batches = list(own.inputs(seeded(0, 1)))
    assert sum(len(target) for _, target in batches) == len(photos)
    known = torch.tensor(kept.features.copy())
    for features, target in batches:
        for one, label in zip(features, target, strict=True):
            _, place = (known == one).all(dim=2).nonzero()[0]
            assert photos.targets[place] == label


def test_views_are_made_once_for_all_runs_that_share_them(photos):
    made = []

    def run(**settings) -> None:
        config = config_of("MobileNet", **{"views": 2, "epochs": 3} | settings)
        own = Training(
            config, network_of(config), photos, photos, CPU, lambda share: None,
            look_done=lambda done, total: made.append(total),
        )  # fmt: skip
        list(own.epochs())

    run()
    assert made and made[0] == 2 * len(photos)
    made.clear()
    run(learning_rate=0.1, epochs=4)
    assert not made
    run(seed=1)
    assert made
    assert len(list((paths.home() / "cache" / "features").glob("*.npy"))) == 2


def test_without_augmentation_one_view_is_kept(photos):
    config = config_of("MobileNet", views=4, augment=False)
    own = training(photos, config)
    kept = cached_features.kept(own.compute, own.feed, config, own._shown, lambda done, total: None)
    assert len(kept.features) == 1


def test_the_oldest_views_go_where_there_are_too_many(photos, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 200_000)
    for seed in range(3):
        own = training(photos, config_of("MobileNet", views=2, seed=seed))
        kept = cached_features.kept(own.compute, own.feed, own.config, own._shown, lambda done, total: None)
        assert len(kept.features) == 2
    assert len(list(keeping.folder().glob("*.npy"))) == 1
    assert keeping.size() > 2 * len(photos) * 1280 * 4
    keeping.clear()
    assert keeping.size() == 0


def test_cut_and_changed_views_are_made_again(photos):
    own = training(photos, config_of("MobileNet", views=1))

    def features() -> bytes:
        return cached_features.kept(
            own.compute, own.feed, own.config, own._shown, lambda done, total: None
        ).features.tobytes()

    truth = features()
    (path,) = keeping.folder().glob("*.npy")
    whole = path.read_bytes()
    for end in range(0, len(whole), len(whole) // 50):
        path.write_bytes(whole[:end])
        assert not cached_features._whole(path)
    for place in (9, 140, len(whole) // 2, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert features() == truth
    assert path.read_bytes() == whole
