"""A network as a chain of stages, cut where training begins: before the cut all is frozen, and needs no gradients."""

from __future__ import annotations

import torch
from torch import nn

from core.networks.registry import NETWORKS


def stages(network: nn.Module) -> list[nn.Module]:
    """Modules that, one after another, compute what the network does, to the last bit of its gradients: its own, not
    copies. A network that is not of the registry is one stage."""
    spec = NETWORKS.get(getattr(network, "network_name", ""))
    return spec.chain(network) if spec else [network]


def cut(network: nn.Module) -> tuple[nn.Sequential, nn.Sequential]:
    """(the frozen stages that come first, the rest). Either may be empty; the frozen backbone is in eval mode for good.
    The rest gives the network's own gradients but for their rounding; what of it would lose time by working in place,
    or might write over the frozen backbone's output, no longer does."""
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
        if isinstance(module, (nn.ReLU6, nn.SiLU, nn.Dropout)):
            # In place, the first two have to keep a copy of what they overwrite; a dropout often comes first, and what
            # it would overwrite may be kept for the next epoch.
            module.inplace = False
    return _Mean(stage.output_size) if isinstance(stage, nn.AdaptiveAvgPool2d) else stage


class _Mean(nn.AdaptiveAvgPool2d):
    """The same pooling, whose gradient lies in memory as its input does, channels last: else all that comes before it
    would rearrange its own."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        if maps.requires_grad:
            maps.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
        return super().forward(maps)
