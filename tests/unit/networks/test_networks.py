"""Networks: shapes, what is frozen, the one-logit network's arithmetic, and starting weights without a network."""

from __future__ import annotations

import copy
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.networks import pretrained
from core.networks.build import build, freeze, parameter_counts, train_mode
from core.networks.registry import NETWORKS
from core.networks.torchvision_models import models
from core.schema import train_config as configs
from core.schema.errors import UserError
from core.schema.train_config import TrainConfig
from core.store.paths import PROJECT

SIZE = 64


def config_of(backbone: str, mode: str = "not_retrain", **values) -> TrainConfig:
    given = {"dataset": "x", "backbone": backbone, "mode": mode, "image_size": SIZE, "weights": "none"} | values
    return configs.make(configs.fill_in(given))


def images(count: int = 2, size: int = SIZE) -> torch.Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))


def trained_names(network: nn.Module) -> set[str]:
    return {name.rsplit(".", 1)[0] for name, parameter in network.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("mode", ["not_retrain", "retrain"])
@pytest.mark.parametrize(
    ("backbone", "classes"),
    [(name, classes) for name, spec in NETWORKS.items() for classes in ((2,) if spec.one_logit else (2, 3))],
)
def test_logits_for_every_class(backbone: str, mode: str, classes: int):
    network = build(config_of(backbone, mode), classes).eval()
    with torch.inference_mode():
        logits = network(images())
    assert logits.shape == (2, classes)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("size", [32, 64, 256])
def test_basic_cnn_fits_its_image_size(size: int):
    network = build(config_of("BasicCNN", image_size=size), 3).eval()
    with torch.inference_mode():
        assert network(images(1, size)).shape == (1, 3)


def test_basic_cnn_is_report_a_s_stack():
    network = build(config_of("BasicCNN"), 3)
    kinds = [type(part).__name__ for part in [*network.features, *network.classifier]]
    assert kinds == ["Conv2d", "ReLU", "MaxPool2d"] * 2 + ["Flatten"] + ["Linear", "ReLU"] * 2 + ["Dropout", "Linear"]


def test_what_is_trained_without_retraining():
    assert trained_names(build(config_of("MobileNet"), 3)) == {"classifier.1"}
    assert trained_names(build(config_of("ResNet"), 3)) == {"fc"}
    assert trained_names(build(config_of("ResNetLogit"), 2)) == {"unit"}
    network = build(config_of("BasicCNN"), 3)
    trained, total = parameter_counts(network)
    assert trained == total == sum(parameter.numel() for parameter in network.parameters())


def test_what_is_trained_when_retraining():
    resnet = {name.split(".")[0] for name in trained_names(build(config_of("ResNet", "retrain"), 3))}
    assert resnet == {"layer3", "layer4", "fc"}
    mobile = trained_names(build(config_of("MobileNet", "retrain"), 3))
    assert {int(name.split(".")[1]) for name in mobile if name.startswith("features")} == set(range(7, 19))
    assert "classifier.1" in mobile
    trained, total = parameter_counts(build(config_of("ResNetLogit", "retrain"), 2))
    assert trained == total


def test_the_last_layer_counts_its_parameters():
    trained, total = parameter_counts(build(config_of("MobileNet"), 3))
    assert trained == 1280 * 3 + 3
    assert total == 2_223_872 + trained


@pytest.mark.parametrize(
    ("backbone", "frozen", "moving"),
    [
        ("MobileNet", "features.1.", "features.17."),
        ("ResNet", "layer2.", "layer4."),
        ("ResNetLogit", None, "backbone."),
    ],
)
def test_frozen_statistics_do_not_move_and_trained_ones_do(backbone: str, frozen: str | None, moving: str):
    network = build(config_of(backbone, "retrain"), 2)
    before = copy.deepcopy(network.state_dict())
    train_mode(network)
    assert network.training
    network(images(4))
    after = network.state_dict()
    moved = {name for name in after if "running" in name and not torch.equal(after[name], before[name])}
    assert any(name.startswith(moving) for name in moved)
    if frozen:
        assert not any(name.startswith(frozen) for name in moved)


@pytest.mark.parametrize("backbone", ["MobileNet", "ResNet", "ResNetLogit"])
def test_nothing_of_a_frozen_backbone_moves_in_a_step(backbone: str):
    network = build(config_of(backbone), 2)
    before = copy.deepcopy(network.state_dict())
    train_mode(network)
    optimizer = torch.optim.SGD([item for item in network.parameters() if item.requires_grad], 0.1)
    F.cross_entropy(network(images(4)), torch.tensor([0, 1, 1, 1])).backward()
    optimizer.step()
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    last = {"MobileNet": "classifier.1", "ResNet": "fc", "ResNetLogit": "unit"}[backbone]
    assert changed == {f"{last}.weight", f"{last}.bias"}


def test_train_mode_leaves_dropout_on_and_frozen_parts_off():
    network = build(config_of("MobileNet"), 2)
    train_mode(network)
    assert network.classifier[0].training
    assert not any(module.training for block in network.features for module in block.modules())
    freeze(network.classifier)
    train_mode(network)
    assert not network.classifier[0].training


@torch.inference_mode()
def test_one_logit_is_binary_cross_entropy():
    network = build(config_of("ResNetLogit"), 2).eval()
    unit, inputs = network.unit(network.backbone(images(6))).squeeze(1).double(), images(6)
    logits, target = network(inputs).double(), torch.tensor([0, 1, 1, 0, 1, 0])
    is_mask = (target == 0).double()
    assert torch.allclose(
        F.cross_entropy(logits, target), F.binary_cross_entropy_with_logits(unit, is_mask), atol=1e-6, rtol=0
    )
    assert torch.allclose(logits.softmax(1)[:, 0], unit.sigmoid(), atol=1e-6, rtol=0)
    assert torch.allclose(logits.softmax(1)[:, 1], 1 - unit.sigmoid(), atol=1e-6, rtol=0)


def test_one_logit_knows_two_classes():
    with pytest.raises(ValueError, match="two classes, not 3"):
        build(config_of("ResNetLogit"), 3)


def test_a_seed_decides_the_fresh_weights():
    networks = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        networks.append(build(config_of("BasicCNN"), 2).state_dict())
    assert all(torch.equal(value, networks[1][name]) for name, value in networks[0].items())
    assert not torch.equal(networks[0]["classifier.0.weight"], networks[2]["classifier.0.weight"])


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No network, and torch hub's cache in an empty folder: returns the folder of weights."""

    def refuse(*args, **words):
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.mark.parametrize(
    ("backbone", "name"),
    [
        ("MobileNet", "mobilenet_v2-b0353104.pth"),
        ("ResNet", "resnet50-0676ba61.pth"),
        ("ResNetLogit", "resnet50-0676ba61.pth"),
    ],
)
def test_without_a_network_the_sentence_says_what_to_put_where(offline: Path, backbone: str, name: str):
    with pytest.raises(UserError) as caught:
        pretrained.check(config_of(backbone, weights="imagenet"))
    assert f"put {name} into {offline}" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match=name):
        build(config_of(backbone, weights="imagenet"), 2)


def test_no_weights_need_no_network(offline: Path):
    pretrained.check(config_of("MobileNet", weights="none"))


@pytest.mark.parametrize(("torch_home", "cache"), [("", ""), ("~/hubs", ""), ("", "/somewhere"), ("/hubs", "/other")])
def test_the_cache_is_torch_hub_s_and_the_files_are_torchvision_s(monkeypatch, torch_home: str, cache: str):
    for name, value in (("TORCH_HOME", torch_home), ("XDG_CACHE_HOME", cache)):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    assert pretrained.cache_folder() == Path(torch.hub.get_dir()) / "checkpoints"
    for backbone, spec in NETWORKS.items():
        if own := spec.imagenet:
            assert models.get_weight(own.weights).url == f"https://{pretrained._HOST}/models/{own.file}"
            assert pretrained.imagenet_file(backbone).name == own.file


@pytest.mark.parametrize("mode", ["not_retrain", "retrain"])
@pytest.mark.parametrize("backbone", NETWORKS)
def test_parameters_are_known_without_the_network(backbone: str, mode: str):
    spec = NETWORKS[backbone]
    for classes in (2,) if spec.one_logit else (2, 3):
        for size in (SIZE,) if spec.imagenet else (32, 63, 96, 160, 224):
            config = config_of(backbone, mode, image_size=size, wrong_mask=classes > 2)
            assert spec.parameters(mode, size, classes) == parameter_counts(build(config, classes))


def test_torchvision_comes_without_dynamo_and_finds_it_when_asked():
    code = """
import sys, torch
from core.networks.torchvision_models import models
from core.store.paths import PROJECT
assert not {"torch._dynamo", "torch._dynamo.utils"} & sys.modules.keys()
from torchvision.ops import roi_align
boxes = [torch.tensor([[0.0, 0.0, 4.0, 4.0]])]
assert roi_align(torch.ones(1, 2, 8, 8), boxes, 2).shape == (1, 2, 2, 2)
torch.use_deterministic_algorithms(True)
assert roi_align.__globals__["is_compile_supported"]("cpu") in (True, False)
assert "torch._dynamo" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_a_damaged_file_in_the_cache_is_refused(offline: Path):
    config = config_of("MobileNet", weights="imagenet")
    offline.mkdir(parents=True)
    pretrained.imagenet_file("MobileNet").write_bytes(b"half a download")
    with pytest.raises(UserError, match=r"mobilenet_v2-b0353104.pth is damaged .*delete it"):
        build(config, 2)


@pytest.mark.parametrize("name", ["never.pth", "../secret.pth", "/etc/passwd", "..", "."])
def test_weights_of_a_network_that_is_not_there(name: str, own_home: Path):
    own_home.mkdir()
    (own_home / "secret.pth").write_bytes(b"x")
    with pytest.raises(UserError, match="weights: models/ has no file"):
        pretrained.check(config_of("MobileNet", weights=name))


def test_imagenet_weights_are_loaded(photos: Path, monkeypatch: pytest.MonkeyPatch):
    cache = photos.parent / "torch-home"
    if not (cache / "hub" / "checkpoints").is_dir():
        pytest.skip("no cached ImageNet weights beside the photos")
    monkeypatch.setenv("TORCH_HOME", str(cache))
    config = config_of("MobileNet", "retrain", weights="imagenet")
    loaded = torch.load(pretrained.imagenet_file("MobileNet"), weights_only=True)
    state = build(config, 3).state_dict()
    assert all(torch.equal(state[name], value) for name, value in loaded.items() if name.startswith("features"))
