"""The training loop draws everything from (seed, epoch), so that a run can be repeated and resumed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from core.data.dataset.torch_dataset import FacePhotos
from core.networks.build import build
from core.training.loop import Training, seeded
from tests.fixtures.loop_support import few_photos, make_training, measure, run_and_remember, same
from tests.fixtures.support import tiny_config


@pytest.fixture
def few(faces: Path) -> FacePhotos:
    return few_photos(faces)


def orders(training: Training, *seeds: tuple[int, int]) -> list[list[int]]:
    """Which photos each (seed, epoch) takes, in order, by their pixels."""
    known = {training.train[i][0].numpy().tobytes(): i for i in range(len(training.train))}
    return [
        [known[item.numpy().tobytes()] for pixels, _, _ in training.batches(seeded(*pair)) for item in pixels]
        for pair in seeds
    ]


def test_seed_and_epoch_decide_the_order(few: FacePhotos):
    training = make_training(tiny_config(few.root, batch_size=5), few)
    first, again, next_epoch, other_seed = orders(training, (0, 1), (0, 1), (0, 2), (1, 1))
    assert first == again
    assert first != next_epoch
    assert first != other_seed
    assert sorted(first) == sorted(next_epoch) == list(range(12))


def test_no_batch_of_one(few: FacePhotos):
    training = make_training(tiny_config(few.root, batch_size=11), few)
    assert [len(pixels) for pixels, _, _ in training.batches(seeded(0, 1))] == [11]
    left_out = Counter(i for order in orders(training, *[(0, epoch) for epoch in range(60)]) for i in order)
    assert len(left_out) == 12, "each epoch leaves out another photo"
    assert min(left_out.values()) < 60


def test_dropout_is_seeded_alike():
    values = []
    for pair in [(0, 3), (0, 3), (0, 4)]:
        seeded(*pair)
        values.append(F.dropout(torch.ones(100)))
    assert torch.equal(values[0], values[1])
    assert not torch.equal(values[0], values[2])


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_going_on_from_a_state_is_the_same_run(few: FacePhotos, tmp_path: Path, optimizer: str):
    config = tiny_config(few.root, epochs=4, optimizer=optimizer, learning_rate=5e-3)
    whole = make_training(config, few)
    states = run_and_remember(whole)
    first = make_training(config, few)
    for row in first.epochs():
        if row["epoch"] == 2:
            torch.save(first.state(), tmp_path / "state.pt")
            break
    second = make_training(config, few, build(config, 3), torch.load(tmp_path / "state.pt", weights_only=True))
    resumed = run_and_remember(second)
    assert list(resumed) == [3, 4]
    assert same(resumed[4], states[4])
    assert same(second.progress.best, whole.progress.best)
    assert second.progress.best_epoch == whole.progress.best_epoch


def test_the_same_seed_trains_the_same_network(few: FacePhotos):
    states = [run_and_remember(make_training(tiny_config(few.root, seed=seed), few))[2] for seed in (3, 3, 4)]
    assert same(states[0], states[1])
    assert not same(states[0], states[2])


def test_augmentation_is_for_training_only(few: FacePhotos):
    plain = make_training(tiny_config(few.root, augment=False, batch_size=12), few).first_batch()
    training = make_training(tiny_config(few.root, augment=True, batch_size=12), few)
    augmented = training.first_batch()
    assert plain.shape == augmented.shape == (12, 3, 32, 32)
    assert not torch.equal(plain, augmented)
    known = {few[i][0].numpy().tobytes() for i in range(12)}
    assert {item.contiguous().numpy().tobytes() for item in plain} == known
    first, second = (measure(training.network, few, 5).loss for _ in range(2))
    assert first == second
