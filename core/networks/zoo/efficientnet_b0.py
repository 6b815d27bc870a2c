"""EfficientNet-B0 (Tan and Le, ICML 2019), torchvision's: inverted residuals with squeeze-and-excitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.networks.counts import Counts
from core.networks.spec import ImageNet, NetworkSpec, Pretrained

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    from torch import nn

    from core.networks.torchvision_models import models

    network = pretrained(models.efficientnet_b0())
    network.classifier[1] = nn.Linear(network.classifier[1].in_features, classes)
    return network


def _chain(network: Any) -> list[nn.Module]:
    from torch import nn

    return [*network.features, network.avgpool, nn.Flatten(), network.classifier]


SPEC = NetworkSpec(
    name="EfficientNetB0",
    title="EfficientNet-B0",
    help="has 77.7 % accuracy on ImageNet, MobileNet 71.9 %",
    build=_build,
    chain=_chain,
    stages={
        "stride 2": ("features.0", "features.1"),
        "stride 4": ("features.2",),
        "stride 8": ("features.3",),
        "stride 16": ("features.4", "features.5"),
        "stride 32": ("features.6", "features.7", "features.8"),
        "classifier": ("avgpool", "classifier"),
    },
    retrain_from="stride 16",
    gradcam="features.8",
    parameters=Counts(backbone=4_007_548, retrained=3_941_818, for_class=1281),
    imagenet=ImageNet("EfficientNet_B0_Weights.IMAGENET1K_V1", "efficientnet_b0_rwightman-7f5810bc.pth"),
    blocks={"MBConv": "inverted residual"},
)
