"""RegNetY-400MF (Radosavovic et al., CVPR 2020), torchvision's: bottlenecks in groups, with squeeze-and-excitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.networks.counts import Counts
from core.networks.spec import ImageNet, NetworkSpec, Pretrained

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    from torch import nn

    from core.networks.torchvision_models import models

    network = pretrained(models.regnet_y_400mf())
    network.fc = nn.Linear(network.fc.in_features, classes)
    return network


def _chain(network: Any) -> list[nn.Module]:
    from torch import nn

    return [network.stem, *network.trunk_output, network.avgpool, nn.Flatten(), network.fc]


SPEC = NetworkSpec(
    name="RegNetY400MF",
    title="RegNetY-400MF",
    help="has 74.0 % accuracy on ImageNet",
    build=_build,
    chain=_chain,
    stages={
        "stem": ("stem",),
        "block1": ("trunk_output.block1",),
        "block2": ("trunk_output.block2",),
        "block3": ("trunk_output.block3",),
        "block4": ("trunk_output.block4",),
        "fc": ("avgpool", "fc"),
    },
    retrain_from="block3",
    gradcam="trunk_output.block4",
    parameters=Counts(backbone=3_903_144, retrained=3_789_880, for_class=441),
    imagenet=ImageNet("RegNet_Y_400MF_Weights.IMAGENET1K_V1", "regnet_y_400mf-c65dace8.pth"),
    blocks={"ResBottleneckBlock": "bottleneck"},
)
