"""Grad-CAM: which parts of a photo raised the score of a label, as a heatmap over it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import chain

import cv2
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from core.networks.checkpoint import Trained
from core.schema.labels import Label

# Larger photos are shown smaller: the heatmap has a few cells only.
_LONGEST = 640
_STRENGTH = 0.65


def heatmap(trained: Trained, image: Image.Image, label: Label | None = None) -> np.ndarray:
    """What in an RGB picture raised the score of `label` (the predicted one where None): float (S, S) in 0..1 on the
    network's resized input, 1 where most did, all 0 where nothing did.

    Selvaraju et al., ICCV 2017: the layer's maps, weighted by the mean gradient of the label's score before the
    softmax, added up, cut at 0. Of a network with one logit z, the score of no_mask is -z. The network is left as it
    is: hooks go on a copy that shares its weights, so that other threads may use it at the same time.
    """
    pixels = torch.from_numpy(trained.preprocessing.square(image))[None]
    network, spec = _twin(trained.network), trained.config.spec
    # Of a frozen network nothing but the photo wants a gradient, and without one there is no graph to go back through.
    batch = trained.preprocessing.normalise(pixels).requires_grad_()
    scores = _margin(network) if spec.one_logit else network
    if label is None:
        with torch.no_grad():
            label = trained.labels[int(network(batch).argmax())]
    layer = network.get_submodule(spec.gradcam)
    cells = _cells(scores, layer, batch, trained.labels.index(label))
    size = pixels.shape[-2:]
    heat = F.interpolate(cells, size, mode="bilinear", align_corners=False)[0, 0].double().numpy()
    return heat / heat.max() if heat.max() > 0 else heat


def overlay(trained: Trained, image: Image.Image, label: Label | None = None) -> tuple[np.ndarray, Image.Image]:
    """`heatmap`, and the RGB picture (640 pixels at most on its longer side) with it laid over: the more a place raised
    the label's score, the more it is coloured."""
    heat = heatmap(trained, image, label)
    shown = image.copy()
    shown.thumbnail((_LONGEST, _LONGEST))
    stretched = cv2.resize(heat, shown.size, interpolation=cv2.INTER_LINEAR)[..., None]
    colours = cv2.applyColorMap((255 * stretched).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    share = _STRENGTH * np.sqrt(stretched)
    return heat, Image.fromarray(np.uint8((1 - share) * np.asarray(shown) + share * colours))


def _cells(
    scores: Callable[[torch.Tensor], torch.Tensor], layer: nn.Module, batch: torch.Tensor, index: int
) -> torch.Tensor:
    """The layer's maps (1, 1, h, w), weighted by the mean gradient of a score, added up and cut at 0. Leaves a hook on
    the layer."""
    maps: list[torch.Tensor] = []

    def keep(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        maps.append(output)
        # A layer that works in place, like ReLU, would change what is kept.
        return output.clone()

    layer.register_forward_hook(keep)
    (gradient,) = torch.autograd.grad(scores(batch)[0, index], maps[0])
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return F.relu((weights * maps[0]).sum(dim=1, keepdim=True)).detach()


def _twin(network: nn.Module) -> nn.Module:
    """A copy with modules of its own, and so hooks of its own, around the same tensors."""
    shared = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    return copy.deepcopy(network, shared)


def _margin(network: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    def scores(batch: torch.Tensor) -> torch.Tensor:
        # (z, 0) becomes (z, -z): the constant 0 has no gradient.
        logits = network(batch)
        return logits - logits.flip(1)

    return scores
