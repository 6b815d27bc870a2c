"""MobileNetV2 (Sandler et al., CVPR 2018), torchvision's: what a training takes unless told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.networks.counts import Counts
from core.networks.spec import ImageNet, NetworkSpec, Pretrained

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    from torch import nn

    from core.networks.torchvision_models import models

    network = pretrained(models.mobilenet_v2())
    network.classifier[1] = nn.Linear(network.last_channel, classes)
    return network


def _chain(network: Any) -> list[nn.Module]:
    from torch import nn

    return [*network.features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), network.classifier]


def _features(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"features.{number}" for number in range(first, last + 1))


SPEC = NetworkSpec(
    name="MobileNet",
    title="MobileNetV2",
    help="suits a laptop",
    build=_build,
    chain=_chain,
    stages={
        "stride 2": _features(0, 1),
        "stride 4": _features(2, 3),
        "stride 8": _features(4, 6),
        "stride 16": _features(7, 13),
        "stride 32": _features(14, 18),
        "classifier": ("classifier",),
    },
    # The blocks at a stride of 16 and 32 pixels, as ResNet's layer3 and layer4 are.
    retrain_from="stride 16",
    gradcam="features.18",
    parameters=Counts(backbone=2_223_872, retrained=2_168_384, for_class=1281),
    imagenet=ImageNet("MobileNet_V2_Weights.IMAGENET1K_V1", "mobilenet_v2-b0353104.pth"),
    blocks={"InvertedResidual": "inverted residual"},
    default=True,
)
