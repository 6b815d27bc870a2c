"""The training loop: it learns, weighs, measures, stops, and keeps the best epoch."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.decode import PhotoError
from core.data.images.preprocessing import Preprocessing
from core.networks.build import build
from core.schema.labels import TWO_CLASSES, Label
from core.store.paths import PROJECT
from core.training import loop
from core.training.epoch_metrics import Tally
from core.training.loop import class_weights, make_optimizer
from tests.fixtures.loop_support import CPU, face_photos, few_photos, make_training, measure, run_and_remember, same
from tests.fixtures.support import tiny_config


@pytest.fixture
def few(faces: Path) -> FacePhotos:
    return few_photos(faces)


def test_optimizers_take_torch_s_steps_without_dynamo():
    code = """
import sys
from pathlib import Path
import torch
from core.training.loop import make_optimizer
from tests.fixtures.support import tiny_config

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.values = torch.nn.ParameterList([torch.arange(6.0).view(2, 3), torch.ones(2)])

def steps(optimizer, network):
    for step in range(4):
        optimizer.zero_grad()
        sum((value * (step + 1.5)).square().sum() for value in network.values).backward()
        optimizer.step()
        optimizer.load_state_dict(optimizer.state_dict())
    return [value.tolist() for value in network.values], repr(optimizer.state_dict())

configs = [tiny_config(Path("x"), **given) for given in (
    {"optimizer": "sgd"}, {"optimizer": "sgd", "momentum": 0.0}, {"optimizer": "adam"})]
own = [steps(make_optimizer(config, network), network) for config in configs for network in [Net()]]
assert "torch._dynamo" not in sys.modules
for config, found in zip(configs, own, strict=True):
    network = Net()
    if config.optimizer == "sgd":
        theirs = torch.optim.SGD(network.parameters(), config.learning_rate, momentum=config.momentum)
    else:
        theirs = torch.optim.Adam(network.parameters(), config.learning_rate, fused=True)
    assert steps(theirs, network) == found
"""
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_photos_are_a_torch_dataset(few: FacePhotos):
    assert isinstance(few, Dataset)
    assert len(few) == 12
    pixels, target = few[5]
    assert (pixels.shape, pixels.dtype, target) == ((3, 32, 32), torch.uint8, 1)
    assert torch.equal(few[5][0], pixels)
    assert few.targets == [0] * 4 + [1] * 4 + [2] * 4


def test_a_photo_damaged_later_is_told(faces: Path):
    photos = FacePhotos(faces, [Row("mask/never.jpg", Label.MASK, "g", "train")], TWO_CLASSES, Preprocessing(32))
    with pytest.raises(PhotoError, match="gone"):
        photos[0]


def test_it_overfits_one_batch(few: FacePhotos):
    config = tiny_config(few.root, epochs=40, batch_size=16, augment=False, learning_rate=2e-3, schedule="constant")
    training = make_training(config, few)
    rows = list(training.epochs())
    assert [row["epoch"] for row in rows] == list(range(1, 41))
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] / 3
    tally = measure(training.network, few, 5)
    assert tally.accuracy == 1.0
    assert tally.loss < 0.1


class Flat(nn.Module):
    """One linear layer over all pixels: its loss is easily counted by hand."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.linear = nn.Linear(3 * 32 * 32, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.linear(images.flatten(1))


def all_of(photos: FacePhotos) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = torch.stack([photos[i][0] for i in range(len(photos))])
    return photos.preprocessing.normalise(pixels), torch.tensor(photos.targets)


def test_class_weights_by_hand(faces: Path):
    photos = face_photos(faces, {Label.MASK: 6, Label.NO_MASK: 3, Label.WRONG_MASK: 1})
    assert torch.allclose(class_weights(photos, CPU), torch.tensor([10 / 18, 10 / 9, 10 / 3]))


@pytest.mark.parametrize(("weighting", "smoothing"), [(False, 0.0), (True, 0.0), (True, 0.1)])
def test_the_loss_is_weighted_and_smoothed_when_asked(faces: Path, weighting: bool, smoothing: float):
    photos = face_photos(faces, {Label.MASK: 6, Label.NO_MASK: 3, Label.WRONG_MASK: 1})
    config = tiny_config(
        faces, epochs=1, batch_size=16, augment=False, class_weighting=weighting, label_smoothing=smoothing,
        optimizer="sgd", learning_rate=0.01,
    )  # fmt: skip
    network = Flat()
    images, target = all_of(photos)
    twin = copy.deepcopy(network)
    weight = torch.tensor([10 / 18, 10 / 9, 10 / 3]) if weighting else None
    loss = F.cross_entropy(twin(images), target, weight, label_smoothing=smoothing)
    loss.backward()
    row = next(make_training(config, photos, network).epochs())
    assert row["train_loss"] == pytest.approx(loss.item(), rel=1e-5)
    stepped = twin.linear.weight - 0.01 * twin.linear.weight.grad
    assert torch.allclose(network.linear.weight, stepped, atol=1e-6)
    unweighted = F.cross_entropy(network(images), target)
    assert row["val_loss"] == pytest.approx(unweighted.item(), rel=1e-5)


def test_a_row_says_what_happened(few: FacePhotos):
    config = tiny_config(few.root, epochs=3, batch_size=4, augment=False, learning_rate=1e-7)
    network = Flat()
    images, target = all_of(few)
    share = (network(images).argmax(1) == target).float().mean().item()
    done: list[float] = []
    training = make_training(config, few, network)
    evaluated: list[tuple[int, int]] = []
    training.step_done = done.append
    training.evaluated = lambda *photos: evaluated.append(photos)
    row = next(training.epochs())
    assert row["train_accuracy"] == pytest.approx(share)
    assert row["measured_train_accuracy"] == pytest.approx(share)
    assert row["val_accuracy"] == pytest.approx(share)
    assert row["learning_rate"] == 1e-7
    assert row["images_per_second"] == pytest.approx(12 / row["seconds"])
    assert row["seconds_left"] == pytest.approx(2 * row["seconds"])
    assert done == pytest.approx([1 / 3, 2 / 3, 1])
    assert evaluated == [(count, 24) for count in range(4, 25, 4)], "training photos again, then validation"


def script(monkeypatch: pytest.MonkeyPatch, *epochs: tuple[float, float]) -> None:
    """Let the validation of each epoch find this accuracy and loss."""
    found = iter(epochs)

    class Scripted(Tally):
        def __init__(self, accuracy: float, loss: float) -> None:
            self.count, self._right, self._loss = 1000, accuracy * 1000, loss * 1000

    # Training photos are measured with the items to take, validation photos without.
    class Measured:
        def __init__(self, *given: object) -> None:
            self._again = len(given) > 3

        def __len__(self) -> int:
            return 4

        def __call__(self, batch_done: object) -> Tally:
            return Tally() if self._again else Scripted(*next(found))

    monkeypatch.setattr(loop, "Measured", Measured)


def test_the_best_epoch_is_kept(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    script(monkeypatch, (0.5, 1.0), (0.8, 0.9), (0.7, 0.2), (0.8, 0.95), (0.6, 0.1))
    training = make_training(tiny_config(few.root, epochs=5), few)
    states = run_and_remember(training)
    assert (training.progress.best_epoch, training.progress.best_accuracy) == (2, 0.8)
    assert same(training.progress.best, states[2])
    assert not same(training.progress.best, states[5])


def test_a_tie_goes_to_the_lower_loss(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    script(monkeypatch, (0.8, 0.9), (0.8, 0.7), (0.8, 0.8))
    training = make_training(tiny_config(few.root, epochs=3), few)
    list(training.epochs())
    assert (training.progress.best_epoch, training.progress.best_loss) == (2, 0.7)


def test_a_diverged_epoch_is_never_the_best(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    script(monkeypatch, (0.5, 0.9), (0.5, float("nan")))
    training = make_training(tiny_config(few.root, epochs=2), few)
    list(training.epochs())
    assert training.progress.best_epoch == 1


def test_patience_runs_out(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    script(monkeypatch, (0.5, 1), (0.6, 1), (0.6, 1), (0.55, 1), (0.9, 1))
    training = make_training(tiny_config(few.root, epochs=5, patience=2), few)
    assert len(list(training.epochs())) == 4
    assert training.progress.best_epoch == 2


def test_without_patience_every_epoch_is_trained(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    script(monkeypatch, *[(0.5, 1.0)] * 5)
    assert len(list(make_training(tiny_config(few.root, epochs=5), few).epochs())) == 5


def test_training_photos_are_measured_again_as_validation_is(few: FacePhotos):
    training = make_training(tiny_config(few.root, epochs=3, learning_rate=5e-3), few)
    for row in training.epochs():
        direct = measure(training.network, few, 12)
        assert row["measured_train_accuracy"] == row["val_accuracy"] == direct.accuracy
        assert row["measured_train_loss"] == pytest.approx(direct.loss, rel=1e-5)
        assert row["measured_train_loss"] != pytest.approx(row["train_loss"], rel=1e-3), "dropout and augmentation"


def test_of_many_training_photos_the_same_few_are_measured(few: FacePhotos, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loop, "MEASURED_AGAIN", 5)
    training = make_training(tiny_config(few.root, epochs=2), few)
    chosen = training.measured_again
    assert len(set(chosen)) == 5
    images, target = all_of(few)
    for row in training.epochs():
        with torch.inference_mode():
            right = training.network(images[chosen]).argmax(1) == target[chosen]
        assert row["measured_train_accuracy"] == pytest.approx(right.float().mean().item())
    assert training.measured_again == make_training(tiny_config(few.root, epochs=9), few).measured_again == chosen
    assert make_training(tiny_config(few.root, seed=1), few).measured_again != chosen


def test_measuring_weighs_photos_not_batches(few: FacePhotos):
    network = Flat()
    images, target = all_of(few)
    expected = F.cross_entropy(network(images), target).item()
    for batch_size in (12, 5, 7):
        assert measure(network, few, batch_size).loss == pytest.approx(expected, rel=1e-5)


def test_only_what_is_trained_is_optimised():
    config = tiny_config(Path("x"), backbone="MobileNet")
    optimizer = make_optimizer(config, build(config, 3))
    assert sum(item.numel() for group in optimizer.param_groups for item in group["params"]) == 1280 * 3 + 3
    momentum = make_optimizer(tiny_config(Path("x"), optimizer="sgd", learning_rate=0.5), Flat()).param_groups[0]
    assert (momentum["lr"], momentum["momentum"]) == (0.5, 0.9)
    plain = make_optimizer(tiny_config(Path("x"), optimizer="sgd", momentum=0.0), Flat()).param_groups[0]
    assert plain["momentum"] == 0
    assert np.isclose(make_optimizer(tiny_config(Path("x")), Flat()).param_groups[0]["lr"], 1e-3)


def test_the_schedule_lowers_the_rate_to_nothing_or_leaves_it(few: FacePhotos):
    rates = {}
    for schedule in ("cosine", "constant"):
        training = make_training(tiny_config(few.root, schedule=schedule, epochs=4, learning_rate=1e-3), few)
        rates[schedule] = [row["learning_rate"] for row in training.epochs()]
    assert rates["constant"] == [1e-3] * 4
    expected = [1e-3 * (1 + math.cos(math.pi * epoch / 4)) / 2 for epoch in range(4)]
    assert rates["cosine"] == pytest.approx(expected, rel=1e-12)
