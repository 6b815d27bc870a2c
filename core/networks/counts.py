"""How many parameters a network has and how many of them are trained, known without building it: the form shows them
before torch is there. tests/unit/test_networks.py counts the built ones."""

from __future__ import annotations

from typing import NamedTuple

from core.config import Mode


class _Counts(NamedTuple):
    """Parameters without the last layer: all, and those that `retrain` trains; and of the last layer for each class."""

    fixed: int
    retrained: int
    for_class: int


_COUNTS = {
    "MobileNet": _Counts(2_223_872, 2_168_384, 1281),
    "ResNet": _Counts(23_508_032, 22_063_104, 2049),
    # One logit for two classes.
    "ResNetLogit": _Counts(25_557_032 + 1001, 25_557_032 + 1001, 0),
}


def parameters(backbone: str, mode: Mode, image_size: int, classes: int) -> tuple[int, int]:
    """(trained, all) parameters of a network for resized inputs of `image_size` pixels and so many classes."""
    if backbone == "BasicCNN":
        own = _basic_cnn(image_size, classes)
        return own, own
    counts, last = _COUNTS[backbone], _COUNTS[backbone].for_class * classes
    if backbone == "ResNetLogit":
        return (1001 if mode == "not_retrain" else counts.retrained), counts.fixed
    return last + (0 if mode == "not_retrain" else counts.retrained), last + counts.fixed


def _basic_cnn(image_size: int, classes: int) -> int:
    # A convolution of 5 with padding 1 takes two pixels off, one of 3 none; then pools of 7 and 2.
    side = (image_size - 2) // 7 // 2
    convolutions = (3 * 5 * 5 + 1) * 64 + (64 * 3 * 3 + 1) * 128
    return convolutions + (128 * side * side + 1) * 512 + (512 + 1) * 64 + (64 + 1) * classes
