"""A network as a chain of stages, cut where training begins: before the cut all is frozen, and needs no gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.networks.build import BasicCNN, ResNetLogit
from core.networks.vision import models


def stages(network: nn.Module) -> list[nn.Module]:
    """Modules that, one after another, compute what the network does, to the last bit of its gradients: its own, not
    copies. A network of a type that is not known here is one stage."""
    chain = _STAGES.get(type(network))
    return chain(network) if chain else [network]


def cut(network: nn.Module) -> tuple[nn.Sequential, nn.Sequential]:
    """(the frozen stages that come first, the rest). Either may be empty; the frozen part is in eval mode for good. The
    rest gives the network's own gradients but for their rounding; its ReLU6s no longer work in place."""
    chain = stages(network)
    frozen = next((number for number, stage in enumerate(chain) if _learns(stage)), len(chain))
    return nn.Sequential(*chain[:frozen]).eval(), nn.Sequential(*map(_to_learn, chain[frozen:]))


def _learns(stage: nn.Module) -> bool:
    """Whether training changes anything in it: a weight, or a statistic of a BatchNorm that is not frozen."""
    weights = any(parameter.requires_grad for parameter in stage.parameters())
    return weights or any(not getattr(module, "frozen", True) for module in stage.modules())


def _to_learn(stage: nn.Module) -> nn.Module:
    """The stage, or what computes the same in less time."""
    for module in stage.modules():
        if isinstance(module, nn.ReLU6):
            # In place, it has to keep a copy of what it overwrites.
            module.inplace = False
    return _Mean(stage.output_size) if isinstance(stage, nn.AdaptiveAvgPool2d) else stage


class _Mean(nn.AdaptiveAvgPool2d):
    """The same pooling, whose gradient lies in memory as its input does, channels last: else all that comes before it
    would rearrange its own."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        if maps.requires_grad:
            maps.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
        return super().forward(maps)


class _Pair(nn.Module):
    """The last step of a ResNetLogit: its unit's logit z and a zero."""

    def __init__(self, unit: nn.Linear) -> None:
        super().__init__()
        self.unit = unit

    def forward(self, outputs: torch.Tensor) -> torch.Tensor:
        return ResNetLogit.pair(self.unit(outputs))


def _mobilenet(network: Any) -> list[nn.Module]:
    return [*network.features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), network.classifier]


def _resnet(network: Any) -> list[nn.Module]:
    start = [network.conv1, network.bn1, network.relu, network.maxpool]
    layers = [block for layer in (network.layer1, network.layer2, network.layer3, network.layer4) for block in layer]
    return [*start, *layers, network.avgpool, nn.Flatten(), network.fc]


def _basic_cnn(network: BasicCNN) -> list[nn.Module]:
    # The largest of some numbers, cut off at zero, is the largest of the cut off ones, and where none is above zero
    # neither has a gradient: cut off after the pooling, a 49th of the numbers go through ReLU.
    first, relu, pool, second, relu_too, pool_too, flatten = network.features
    return [first, pool, relu, second, pool_too, relu_too, flatten, network.classifier]


_STAGES: dict[type, Callable[..., list[nn.Module]]] = {
    models.MobileNetV2: _mobilenet,
    models.ResNet: _resnet,
    ResNetLogit: lambda network: [*stages(network.backbone), _Pair(network.unit)],
    BasicCNN: _basic_cnn,
}
