"""The running average of weights: by hand, in the network's place and out of it again, and over a resumed training."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from torch import nn

from core.schema.labels import Label
from core.training.averaging import Average
from tests.fixtures.loop_support import face_photos, make_training
from tests.fixtures.support import tiny_config


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def test_the_average_by_hand():
    network = _network()
    average = Average(network, list(network.state_dict()), steps=2)
    weight = network[0].weight
    means = [weight.detach().clone()]
    for step in range(1, 30):
        with torch.no_grad():
            weight += 1.0
        share = max(1 / 2, 1 / (1 + step / 10))
        means.append(torch.lerp(means[-1], weight.detach(), share))
        network[1].num_batches_tracked += 1
        average.update()
    live = weight.detach().clone()
    with average.in_place():
        assert torch.allclose(network[0].weight, means[-1], atol=1e-5) and not torch.allclose(weight, live)
        assert int(network[1].num_batches_tracked) == 29
    assert torch.equal(weight, live)


def test_an_error_meanwhile_gives_the_network_its_own_weights_back():
    network = _network()
    average = Average(network, list(network.state_dict()), steps=5)
    with torch.no_grad():
        network[0].weight += 1.0
    live = network[0].weight.detach().clone()
    with pytest.raises(ZeroDivisionError), average.in_place():
        raise ZeroDivisionError
    assert torch.equal(network[0].weight, live)


def test_what_is_measured_and_kept_is_the_average_also_after_a_resume(faces: Path):
    photos = face_photos(faces, {Label.MASK: 6, Label.NO_MASK: 3, Label.WRONG_MASK: 3})
    config = tiny_config(faces, epochs=2, batch_size=4, average_weights=True, learning_rate=0.01)

    def made(state=None):
        torch.manual_seed(0)
        return make_training(config, photos, nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 3)), state)

    whole = made()
    rows = list(whole.epochs())
    first = made()
    next(first.epochs())
    saved = io.BytesIO()
    torch.save(first.state(), saved)
    second = made(torch.load(io.BytesIO(saved.getvalue()), weights_only=True))
    (row,) = second.epochs()
    assert row["val_loss"] == rows[1]["val_loss"]
    for name, value in whole.progress.best.items():
        assert torch.equal(value, second.progress.best[name])
        assert not torch.equal(value, whole.network.state_dict()[name]), "not the last step's"
    plain = make_training(config.model_copy(update={"average_weights": False}), photos, made().network)
    assert list(plain.epochs())[1]["val_loss"] != rows[1]["val_loss"]
