"""How a network is computed while it trains: stages, the frozen part, precision, checkpoints, a device's own photos."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.preprocessing import Preprocessing
from core.networks import checkpoint
from core.networks.backbone import frozen
from core.networks.backbone.stages import cut, stages
from core.networks.build import freeze, train_mode
from core.schema.labels import THREE_CLASSES
from core.store import paths
from core.training.batches import Feed
from core.training.compute import Chosen, Compute
from core.training.epoch_metrics import Measured
from tests.fixtures.compute_support import CPU, SIDE, config_of, network_of, six_photos_a_label, training
from tests.fixtures.support import KINDS


@pytest.fixture(scope="module")
def photos(faces: Path) -> FacePhotos:
    return six_photos_a_label(faces)


@pytest.fixture(scope="module")
def pixels(photos: FacePhotos) -> torch.Tensor:
    return photos.load(range(8)).pixels


@pytest.mark.parametrize(("backbone", "mode"), KINDS)
def test_the_stages_compute_what_the_network_does(backbone, mode, pixels):
    network = network_of(config_of(backbone, mode)).eval()
    images = Preprocessing(SIDE).normalise(pixels)
    with torch.no_grad():
        through, whole = images, network(images)
        for stage in stages(network):
            through = stage(through)
        first, rest = cut(network)
        assert torch.equal(through, whole)
        assert torch.equal(rest(first(images)), whole)
    assert not any(parameter.requires_grad for parameter in first.parameters())
    trained = {id(item) for item in network.parameters() if item.requires_grad}
    assert trained == {id(item) for item in rest.parameters() if item.requires_grad}


def test_the_cut_is_where_training_begins():
    lengths = {kind: len(cut(network_of(config_of(*kind)))[0]) for kind in KINDS}
    assert lengths["BasicCNN", "retrain"] == lengths["ResNetLogit", "retrain"] == 0
    assert lengths["MobileNet", "retrain"] == 7
    assert lengths["ResNet", "retrain"] == 4 + 3 + 4
    for name, mode in KINDS:
        if mode == "not_retrain":
            assert lengths[name, mode] > lengths[name, "retrain"]


@pytest.mark.parametrize("backbone", ["MobileNet", "ResNet"])
def test_the_pooling_s_gradient_is_the_same_and_comes_channels_last(backbone):
    _, rest = cut(network_of(config_of(backbone, "retrain")))
    [pool] = [stage for stage in rest if isinstance(stage, torch.nn.AdaptiveAvgPool2d)]
    torch.manual_seed(0)
    maps = torch.rand(4, 9, 5, 5).contiguous(memory_format=torch.channels_last)
    weight = torch.rand(4, 9, 1, 1)
    gradients = []
    for pooling in (torch.nn.AdaptiveAvgPool2d(1), pool):
        own = maps.clone().requires_grad_()
        before = own * 1.0
        before.register_hook(gradients.append)
        (pooling(before + 0.0) * weight).sum().backward()
    plain, ours = gradients
    assert torch.equal(plain, ours)
    assert ours.is_contiguous(memory_format=torch.channels_last)


def test_relu6_out_of_place_gives_the_same_gradients_to_the_last_bit(pixels):
    images, gradients = Preprocessing(SIDE).normalise(pixels), []
    for in_place in (True, False):
        network = network_of(config_of("MobileNet", "retrain"))
        train_mode(network)
        first, rest = cut(network)
        relus = [module for module in rest.modules() if isinstance(module, torch.nn.ReLU6)]
        assert len(relus) == 23
        assert not any(relu.inplace for relu in relus)
        for relu in relus:
            relu.inplace = in_place
        with torch.no_grad():
            maps = first(images)
        torch.manual_seed(0)
        rest(maps).square().sum().backward()
        gradients.append([item.grad for item in rest.parameters()])
    for plain, own in zip(*gradients, strict=True):
        assert torch.equal(plain, own)


@pytest.mark.parametrize("frozen_blocks", [7, 19])
def test_every_way_that_may_be_taken_agrees_with_torch(frozen_blocks, pixels):
    network = checkpoint.load(paths.STARTER_FILE).network
    freeze(network.features[:frozen_blocks])
    part, _ = cut(network)
    wanted = part(Preprocessing(SIDE).normalise(pixels)).detach()
    assert wanted.std(dim=0).mean() > 0.02, "photos differ"
    built = frozen._builders(part, Preprocessing(SIDE), pixels, "auto")
    assert "OpenVINO float32" in built
    for name, (build_way, allowed) in built.items():
        found = build_way()(pixels)
        apart = torch.linalg.vector_norm(found - wanted) / torch.linalg.vector_norm(wanted)
        assert found.shape == wanted.shape and found.dtype == torch.float32, name
        assert apart <= allowed, (name, float(apart))


def test_a_way_that_disagrees_or_fails_is_left_out(pixels, capsys):
    part, _ = cut(network_of(config_of("MobileNet")))
    features = part(Preprocessing(SIDE).normalise(pixels)).detach()
    assert frozen._agreeing(lambda: lambda given: features, pixels, features, 1e-3)
    assert frozen._agreeing(lambda: lambda given: 1.01 * features, pixels, features, 1e-3) is None
    assert frozen._agreeing(lambda: lambda given: features[:2], pixels, features[:2].repeat(2, 1), 1e-3) is None
    assert frozen._agreeing(lambda: 1 / 0, pixels, features, 1e-3) is None
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_float32_takes_no_fewer_digits(pixels):
    part, _ = cut(network_of(config_of("MobileNet")))
    assert not any("bfloat16" in name for name in frozen._builders(part, Preprocessing(SIDE), pixels, "float32"))


@pytest.mark.parametrize(("backbone", "mode"), KINDS)
def test_a_step_is_that_of_the_plain_network(backbone, mode, pixels):
    """Same loss, same gradients, same BatchNorm statistics, whatever computes the frozen backbone."""
    config = config_of(backbone, mode)
    network = network_of(config)
    plain, exact = copy.deepcopy(network), copy.deepcopy(network).double()
    compute = Compute(network, Preprocessing(SIDE), pixels)
    images = Preprocessing(SIDE).normalise(pixels)
    target = torch.arange(8) % (3 if config.wrong_mask else 2)
    losses = []
    for own, logits_of in (
        (plain, lambda: plain(images)),
        (network, lambda: compute.logits(compute.features(pixels))),
        (exact, lambda: exact(images.double())),
    ):
        torch.manual_seed(1)
        train_mode(own)
        loss = torch.nn.functional.cross_entropy(logits_of(), target)
        loss.backward()
        losses.append(loss.item())
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    # BatchNorm over few pixels magnifies float32's rounding, on some processors to 4 % of a ResNet's gradient.
    allowed = max(0.02, 3 * max(gradients_apart(exact, plain)))
    assert allowed < 0.2
    assert max(gradients_apart(plain, network)) <= allowed
    for name, one in plain.named_buffers():
        assert torch.allclose(one.float(), network.get_buffer(name).float(), rtol=1e-2, atol=1e-3), name


def gradients_apart(wanted: torch.nn.Module, found: torch.nn.Module) -> list[float]:
    """Of each trained parameter: the length of the difference of the gradients, over the wanted one's own length."""
    apart = []
    for (name, one), other in zip(wanted.named_parameters(), found.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None:
            length = torch.linalg.vector_norm(one.grad).clamp_min(1e-5)
            apart.append(float(torch.linalg.vector_norm(one.grad - other.grad) / length))
    return apart


def test_basic_cnn_s_stages_cut_off_after_pooling_to_the_last_bit(pixels):
    network = network_of(config_of("BasicCNN", "retrain"))
    images = Preprocessing(SIDE).normalise(pixels)
    gradients = []
    for compute in (network, torch.nn.Sequential(*stages(network))):
        network.zero_grad()
        torch.manual_seed(1)
        compute(images).square().sum().backward()
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
    assert all(bool(one.any()) and torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_bfloat16_trains_the_rest_in_it_and_gives_float32(pixels):
    network = network_of(config_of("BasicCNN", "retrain"))
    exact = Compute(network, Preprocessing(SIDE), pixels)
    rough = Compute(network, Preprocessing(SIDE), pixels, "bfloat16")
    network.eval()
    one, other = (own.logits(own.features(pixels)) for own in (exact, rough))
    assert other.dtype == torch.float32
    assert not torch.equal(one, other)
    assert torch.allclose(one, other, atol=0.05)


def test_auto_measures_and_what_was_chosen_is_kept(pixels):
    network = network_of(config_of("MobileNet", "retrain"))
    before = copy.deepcopy(network.state_dict())
    chosen = Compute(network, Preprocessing(SIDE), pixels, "auto").chosen
    assert chosen.precision in ("float32", "bfloat16")
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items()), "nothing is learnt"
    for known in (Chosen("bfloat16", "torch"), Chosen("float32", "OpenVINO float32")):
        assert Compute(network, Preprocessing(SIDE), pixels, "auto", known).chosen == known
    head = Compute(network_of(config_of("MobileNet")), Preprocessing(SIDE), pixels, "auto")
    assert head.chosen.precision == "float32"


@pytest.mark.parametrize("settings", [{}, {"views": 3}, {"mode": "retrain"}], ids=["head", "views", "retrain"])
def test_a_resumed_run_is_the_uninterrupted_one(photos, settings, tmp_path):
    config = config_of("MobileNet", **{"epochs": 4, "learning_rate": 0.01} | settings)
    whole, rows = training(photos, config), []
    for row in whole.epochs():
        rows.append(row)
        if row["epoch"] == 2:
            torch.save(whole.state(), tmp_path / "state.pt")
    second = training(photos, config, torch.load(tmp_path / "state.pt", weights_only=True))
    resumed = list(second.epochs())
    assert [row["train_loss"] for row in resumed] == [row["train_loss"] for row in rows[2:]]
    again = second.network.state_dict()
    assert all(torch.equal(value, again[name]) for name, value in whole.network.state_dict().items())


def test_a_checkpoint_holds_what_is_trained_alone(photos):
    own = training(photos, config_of("MobileNet", epochs=1))
    list(own.epochs())
    assert set(own.state()["network"]) == set(own.progress.best) == {"classifier.1.weight", "classifier.1.bias"}
    retrained = training(photos, config_of("MobileNet", "retrain", epochs=1))
    names = set(retrained.state()["network"])
    assert "features.17.conv.1.1.running_mean" in names and not any(name.startswith("features.6.") for name in names)


def test_a_checkpoint_of_another_frozen_part_is_refused(photos):
    config = config_of("MobileNet", epochs=2)
    own = training(photos, config)
    next(own.epochs())
    state = copy.deepcopy(own.state())
    state["frozen"] = "another"
    with pytest.raises(Exception, match="no longer the network that this run began with"):
        training(photos, config, state)


def test_a_device_that_keeps_the_photos_gives_the_same_batches(photos):
    direct, kept = Feed(photos, CPU), Feed(photos, CPU, room=1 << 30)
    for items in ([3, 1, 7], list(range(len(photos)))):
        one, other = direct.batch(items), kept.batch(items)
        assert torch.equal(one.pixels, other.pixels)
        assert torch.equal(one.target, other.target)
        assert one.items == other.items


def test_a_device_leaves_out_a_photo_that_was_damaged(photos, tmp_path):
    rows = [*photos.rows[:3], Row("mask/never.jpg", THREE_CLASSES[0], "g", "train"), photos.rows[4]]
    own = FacePhotos(photos.root, rows, THREE_CLASSES, Preprocessing(SIDE))
    batch = Feed(own, CPU, room=1 << 30).batch([4, 3, 0])
    assert batch.items == [4, 0]
    assert torch.equal(batch.pixels[0], photos.load([4]).pixels[0])
    assert [lost.file for lost in own.lost] == ["mask/never.jpg"]


def test_measuring_again_uses_what_was_kept(photos):
    own = training(photos, config_of("MobileNet", "retrain"))
    measured = Measured(own.compute, own.feed, 7)
    first, again = measured(), measured()
    assert measured._kept
    assert (first.loss, first.accuracy) == (again.loss, again.accuracy)
