"""ResNet-50 (He et al., CVPR 2016), torchvision's: report A's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.networks.counts import Counts
from core.networks.spec import ImageNet, NetworkSpec, Pretrained

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    from torch import nn

    from core.networks.torchvision_models import models

    network = pretrained(models.resnet50())
    network.fc = nn.Linear(network.fc.in_features, classes)
    return network


def _chain(network: Any) -> list[nn.Module]:
    from torch import nn

    start = [network.conv1, network.bn1, network.relu, network.maxpool]
    layers = [block for layer in (network.layer1, network.layer2, network.layer3, network.layer4) for block in layer]
    return [*start, *layers, network.avgpool, nn.Flatten(), network.fc]


SPEC = NetworkSpec(
    name="ResNet",
    title="ResNet-50",
    help="is report A's",
    build=_build,
    chain=_chain,
    stages={
        "stem": ("conv1", "bn1", "relu", "maxpool"), "layer1": ("layer1",), "layer2": ("layer2",),
        "layer3": ("layer3",), "layer4": ("layer4",), "fc": ("avgpool", "fc"),
    },
    retrain_from="layer3",
    gradcam="layer4.2",
    parameters=Counts(backbone=23_508_032, retrained=22_063_104, for_class=2049),
    # Version 1: the weights that report A had.
    imagenet=ImageNet("ResNet50_Weights.IMAGENET1K_V1", "resnet50-0676ba61.pth"),
    blocks={"Bottleneck": "bottleneck"},
    retrain_rate=1e-4,
)  # fmt: skip
