"""Report A's small network, from scratch: conv-ReLU-maxpool twice, flatten, two linear-ReLU, dropout, linear."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from core.networks.spec import NetworkSpec, Pretrained

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    from torch import nn

    features = nn.Sequential(
        nn.Conv2d(3, 64, kernel_size=5, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(7),
        nn.Conv2d(64, 128, kernel_size=3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(),
    )  # fmt: skip
    classifier = nn.Sequential(
        nn.Linear(_width(image_size), 512), nn.ReLU(inplace=True), nn.Linear(512, 64), nn.ReLU(inplace=True),
        nn.Dropout(), nn.Linear(64, classes),
    )  # fmt: skip
    return nn.Sequential(OrderedDict(features=features, classifier=classifier))


def _chain(network: Any) -> list[nn.Module]:
    # The largest of some numbers, cut off at zero, is the largest of the cut off ones, and where none is above zero
    # neither has a gradient: cut off after the pooling, a 49th of the numbers go through ReLU.
    first, relu, pool, second, relu_too, pool_too, flatten = network.features
    return [first, pool, relu, second, pool_too, relu_too, flatten, network.classifier]


def _width(image_size: int) -> int:
    # A convolution of 5 with padding 1 takes two pixels off, one of 3 none; then pools of 7 and 2.
    side = (image_size - 2) // 7 // 2
    return 128 * side * side


def _parameters(mode: str, image_size: int, classes: int) -> tuple[int, int]:
    convolutions = (3 * 5 * 5 + 1) * 64 + (64 * 3 * 3 + 1) * 128
    own = convolutions + (_width(image_size) + 1) * 512 + (512 + 1) * 64 + (64 + 1) * classes
    return own, own


SPEC = NetworkSpec(
    name="BasicCNN",
    title="two convolutions and three linear layers",
    help="starts from nothing",
    build=_build,
    chain=_chain,
    stages={"features": ("features",), "classifier": ("classifier",)},
    retrain_from=None,
    gradcam="features.4",
    parameters=_parameters,
)
