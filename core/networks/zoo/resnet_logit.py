"""Report B's network: ResNet-50 to its 1000 outputs, then one linear unit z for "mask".

It returns (N, 2) logits (z, 0): softmax of these is (sigmoid(z), 1 - sigmoid(z)), and their cross-entropy is the binary
cross-entropy of z, so everything else treats it as any two-class network.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from core.networks.counts import Counts
from core.networks.spec import NetworkSpec, Pretrained
from core.networks.zoo import resnet

if TYPE_CHECKING:
    from torch import nn


def _build(classes: int, image_size: int, pretrained: Pretrained) -> nn.Module:
    import torch
    from torch import nn

    from core.networks.torchvision_models import models

    class Pair(nn.Module):
        """(N, 1) logits z as the two logits (z, 0)."""

        def forward(self, logit: torch.Tensor) -> torch.Tensor:
            return torch.cat([logit, torch.zeros_like(logit)], dim=1)

    backbone = pretrained(models.resnet50())
    return nn.Sequential(OrderedDict(backbone=backbone, unit=nn.Linear(1000, 1), pair=Pair()))


def _chain(network: Any) -> list[nn.Module]:
    return [*resnet.SPEC.chain(network.backbone), network.unit, network.pair]


SPEC = NetworkSpec(
    name="ResNetLogit",
    title="ResNet-50 with one more unit",
    help="is report B's, for two classes only",
    build=_build,
    chain=_chain,
    stages={
        stage: tuple(f"backbone.{name}" for name in names) for stage, names in resnet.SPEC.stages.items()
    } | {"unit": ("unit",)},
    retrain_from="stem",
    gradcam=f"backbone.{resnet.SPEC.gradcam}",
    parameters=Counts(backbone=25_557_032, retrained=25_557_032, for_class=0, beside=1001),
    imagenet=resnet.SPEC.imagenet,
    blocks=resnet.SPEC.blocks,
    one_logit=True,
    retrain_rate=resnet.SPEC.retrain_rate,
)  # fmt: skip
