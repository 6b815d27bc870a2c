"""Build a network for a number of classes, and freeze what its mode leaves untrained.

To add a network: write a builder here, add its name to `Backbone` in core/config.py, and to `BUILDERS`; where a part of
it may be frozen, tell its stages in stages.py.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from core.config import TrainConfig
from core.networks import weights
from core.networks.vision import models

# MobileNetV2's blocks at a stride of 16 and 32 pixels, as ResNet's layer3 and layer4 are.
_MOBILENET_FROZEN_BLOCKS = 7


class BasicCNN(nn.Module):
    """Report A's small network, from scratch: conv-ReLU-maxpool twice, flatten, two linear-ReLU, dropout,
    linear. Takes (N, 3, image_size, image_size), returns logits (N, classes)."""

    def __init__(self, classes: int, image_size: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=5, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(7),
            nn.Conv2d(64, 128, kernel_size=3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Flatten(),
        )  # fmt: skip
        with torch.no_grad():
            width = self.features(torch.zeros(1, 3, image_size, image_size)).shape[1]
        self.classifier = nn.Sequential(
            nn.Linear(width, 512), nn.ReLU(inplace=True), nn.Linear(512, 64), nn.ReLU(inplace=True),
            nn.Dropout(), nn.Linear(64, classes),
        )  # fmt: skip

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(images))


class ResNetLogit(nn.Module):
    """Report B's network: ResNet-50 to its 1000 outputs, then one linear unit z for "mask".

    Returns (N, 2) logits (z, 0): softmax of these is (sigmoid(z), 1 - sigmoid(z)), and their cross-entropy is the
    binary cross-entropy of z, so everything else treats it as any two-class network.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.unit = nn.Linear(1000, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.pair(self.unit(self.backbone(images)))

    @staticmethod
    def pair(logit: torch.Tensor) -> torch.Tensor:
        """(N, 1) logits z as the two logits (z, 0)."""
        return torch.cat([logit, torch.zeros_like(logit)], dim=1)


def _mobilenet(classes: int, config: TrainConfig) -> nn.Module:
    network = models.mobilenet_v2()
    weights.fill(network, config)
    network.classifier[1] = nn.Linear(network.last_channel, classes)
    freeze(network.features if config.mode == "not_retrain" else network.features[:_MOBILENET_FROZEN_BLOCKS])
    return network


def _resnet(classes: int, config: TrainConfig) -> nn.Module:
    network = models.resnet50()
    weights.fill(network, config)
    network.fc = nn.Linear(network.fc.in_features, classes)
    early = [network.conv1, network.bn1, network.layer1, network.layer2]
    late = [network.layer3, network.layer4]
    for module in early + (late if config.mode == "not_retrain" else []):
        freeze(module)
    return network


def _resnet_logit(classes: int, config: TrainConfig) -> nn.Module:
    if classes != 2:
        raise ValueError(f"ResNetLogit knows two classes, not {classes}")
    backbone = models.resnet50()
    weights.fill(backbone, config)
    network = ResNetLogit(backbone)
    if config.mode == "not_retrain":
        freeze(backbone)
    return network


def _basic_cnn(classes: int, config: TrainConfig) -> nn.Module:
    return BasicCNN(classes, config.image_size)


BUILDERS: dict[str, Callable[[int, TrainConfig], nn.Module]] = {
    "MobileNet": _mobilenet,
    "ResNet": _resnet,
    "ResNetLogit": _resnet_logit,
    "BasicCNN": _basic_cnn,
}


def build(config: TrainConfig, classes: int) -> nn.Module:
    """The network that takes standardised images (N, 3, S, S) and returns logits (N, classes).

    ImageNet weights are loaded where the config asks for them. Raises UserError when they can't be had.
    """
    network = BUILDERS[config.backbone](classes, config)
    return network.to(memory_format=torch.channels_last)


def freeze(module: nn.Module) -> None:
    """Leave a module's weights as they are, its BatchNorm statistics included (see `train_mode`)."""
    for part in module.modules():
        # torch declares tensors and modules as the only attributes of a module.
        part.frozen = True  # type: ignore[assignment]
    for parameter in module.parameters():
        parameter.requires_grad = False


def train_mode(network: nn.Module) -> None:
    """Training mode for what is trained; frozen parts stay in eval mode, or their BatchNorm would drift."""
    network.train()
    for module in network.modules():
        if getattr(module, "frozen", False):
            module.training = False


def parameter_counts(network: nn.Module) -> tuple[int, int]:
    """(trainable, all) parameters."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    return sum(size for size, trained in sizes if trained), sum(size for size, _ in sizes)
