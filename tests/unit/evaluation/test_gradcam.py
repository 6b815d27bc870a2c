"""Grad-CAM against gradients taken by hand, for every network; and that it leaves the network alone."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.data.images.preprocessing import Preprocessing
from core.evaluation.explain.gradcam import heatmap, overlay
from core.evaluation.one_run.predict import probabilities
from core.networks.build import build
from core.networks.checkpoint import Trained
from core.networks.operating_point import OperatingPoint
from core.networks.registry import NETWORKS
from core.schema.labels import TWO_CLASSES, Label
from tests.fixtures.support import labels_of, picture, tiny_config


def trained_of(backbone: str, folder: Path, mode: str = "retrain") -> Trained:
    """A network with random weights."""
    labels = labels_of(backbone)
    config = tiny_config(folder, backbone=backbone, mode=mode, image_size=64, wrong_mask=len(labels) == 3)
    torch.manual_seed(4)
    network = build(config, len(labels)).eval()
    path, point = folder / "x.pth", OperatingPoint(0.5)
    return Trained(config, labels, Preprocessing(64), 1.0, point, None, frozenset(), path, network)


def by_hand(trained: Trained, image: Image.Image, label: Label) -> np.ndarray:
    """The same from hooks and autograd, up to its scale."""
    kept: list[torch.Tensor] = []
    hook = trained.network.get_submodule(trained.config.spec.gradcam).register_forward_hook(
        lambda module, inputs, output: kept.append(output)
    )
    pixels = torch.from_numpy(trained.preprocessing.square(image))[None]
    logits = trained.network(trained.preprocessing.normalise(pixels).requires_grad_())
    hook.remove()
    index = trained.labels.index(label)
    score = logits[0, index]
    if trained.config.spec.one_logit:
        score = logits[0, 0] if label is Label.MASK else -logits[0, 0]
    (gradient,) = torch.autograd.grad(score, kept[0])
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    cells = torch.relu((weights * kept[0]).sum(dim=1, keepdim=True)).detach()
    return nn.Upsample(size=(64, 64), mode="bilinear")(cells)[0, 0].double().numpy()


@pytest.mark.parametrize("backbone", NETWORKS)
def test_the_layer_is_the_last_that_knows_places(backbone: str, tmp_path: Path):
    network, spec = trained_of(backbone, tmp_path).network, NETWORKS[backbone]
    layer, dimensions, later = network.get_submodule(spec.gradcam), [], []

    def note(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        if module is layer:
            dimensions.append(output.ndim)
            later.clear()
        else:
            later.append(module)

    for module in network.modules():
        module.register_forward_hook(note)
    network(torch.zeros(1, 3, 64, 64))
    assert dimensions == [4]
    assert later and not any(isinstance(module, nn.Conv2d) for module in later)


@pytest.mark.parametrize("backbone", NETWORKS)
def test_it_is_the_gradient_weighted_sum_of_the_last_maps(backbone: str, tmp_path: Path):
    trained, image = trained_of(backbone, tmp_path), picture(3, 90, 120)
    shown = 0
    for label in trained.labels:
        expected, heat = by_hand(trained, image, label), heatmap(trained, image, label)
        assert heat.shape == (64, 64)
        shown += expected.max() > 0
        assert np.allclose(heat, expected / (expected.max() or 1), rtol=0, atol=1e-6)
    assert shown, "at least one label must have had something to show"


def test_the_predicted_label_is_explained_unless_told_otherwise(tmp_path: Path):
    trained, image = trained_of("BasicCNN", tmp_path), picture(5)
    row = probabilities(trained, torch.from_numpy(trained.preprocessing.square(image))[None])[0]
    label = trained.labels[int(row.argmax())]
    assert np.array_equal(heatmap(trained, image), heatmap(trained, image, label))
    assert any(not np.allclose(heatmap(trained, image), heatmap(trained, image, other)) for other in trained.labels)


def test_the_one_logit_speaks_for_mask_or_against_it(tmp_path: Path):
    trained, image = trained_of("ResNetLogit", tmp_path), picture(6)
    mask, bare = (heatmap(trained, image, label) for label in TWO_CLASSES)
    assert not (mask.astype(bool) & bare.astype(bool)).all()
    assert max(mask.max(), bare.max()) == 1


@pytest.mark.parametrize("backbone", NETWORKS)
@pytest.mark.parametrize("mode", ["retrain", "not_retrain"])
def test_the_network_is_left_as_it_was(backbone: str, mode: str, tmp_path: Path):
    trained = trained_of(backbone, tmp_path, mode)
    parts = list(trained.network.modules())
    before = [(parameter.requires_grad, parameter.clone()) for parameter in trained.network.parameters()]
    overlay(trained, picture(7))
    after = list(trained.network.parameters())
    assert all(own.requires_grad == wanted for own, (wanted, _) in zip(after, before, strict=True))
    assert all(torch.equal(own, value) for own, (_, value) in zip(after, before, strict=True))
    assert all(own.grad is None for own in after)
    assert not any(part.training or part._forward_hooks or part._forward_pre_hooks for part in parts)


def test_many_threads_see_what_one_sees(tmp_path: Path):
    trained, images = trained_of("MobileNet", tmp_path), [picture(seed) for seed in range(6)]
    alone = [heatmap(trained, image) for image in images]
    together: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda place=place: together.update({place: heatmap(trained, images[place])}))
        for place in range(len(images))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(together[place], alone[place], atol=1e-6) for place in range(len(images)))


def test_the_overlay_has_the_photo_s_shape_and_is_brightest_where_the_heat_is(tmp_path: Path):
    trained = trained_of("BasicCNN", tmp_path)
    grey = Image.new("RGB", (300, 150), (90, 90, 90))
    grey.paste(picture(8), (20, 40))
    label = next(label for label in trained.labels if heatmap(trained, grey, label).any())
    heat, shown = overlay(trained, grey, label)
    assert (shown.mode, shown.size) == ("RGB", (300, 150))
    assert overlay(trained, picture(1, 2000, 1000))[1].size == (640, 320)
    changed = np.abs(np.asarray(shown, int) - np.asarray(grey, int)).sum(axis=2)
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    assert changed[int(150 * (y + 0.5) / 64), int(300 * (x + 0.5) / 64)] > np.median(changed)
