"""Build a network for a number of classes, and freeze what its mode leaves untrained."""

from __future__ import annotations

import torch
from torch import nn

from core.networks import pretrained as weights
from core.networks.spec import Net
from core.schema.train_config import TrainConfig


def build(config: TrainConfig, classes: int) -> nn.Module:
    """The network that takes standardised images (N, 3, S, S) and returns logits (N, classes); its `network_name` is
    that of its spec.

    ImageNet weights are loaded where the config asks for them. Raises UserError when they are unavailable.
    """
    spec = config.spec
    if spec.one_logit and classes != 2:
        raise ValueError(f"{spec.name} knows two classes, not {classes}")

    def pretrained(network: Net) -> Net:
        weights.fill(network, config)
        return network

    network = spec.build(classes, config.image_size, pretrained)
    for name in spec.frozen(config.mode):
        freeze(network.get_submodule(name))
    # torch declares tensors and modules as the only attributes of a module; here and in `freeze`.
    network.network_name = spec.name  # type: ignore[assignment]
    return network.to(memory_format=torch.channels_last)


def freeze(module: nn.Module) -> None:
    """Leave a module's weights as they are, its BatchNorm statistics included (see `train_mode`)."""
    for part in module.modules():
        part.frozen = True  # type: ignore[assignment]
    for parameter in module.parameters():
        parameter.requires_grad = False


def train_mode(network: nn.Module) -> None:
    """Training mode for what is trained; frozen layers stay in eval mode, or their BatchNorm would drift."""
    network.train()
    for module in network.modules():
        if getattr(module, "frozen", False):
            module.training = False


def parameter_counts(network: nn.Module) -> tuple[int, int]:
    """(trainable, all) parameters."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    return sum(size for size, trained in sizes if trained), sum(size for size, _ in sizes)
