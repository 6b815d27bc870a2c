"""How many parameters a torchvision network with a new last layer has and how many of them are trained, known without
building it: the form shows them before torch is there. tests/unit/networks/test_networks.py counts the built ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Parameters: `backbone` has those without the last layer, of which mode retrain trains `retrained`; the last layer
    has `for_class` for each class, and `beside` whatever their number."""

    backbone: int
    retrained: int
    for_class: int
    beside: int = 0

    def __call__(self, mode: str, image_size: int, classes: int) -> tuple[int, int]:
        """(trained, all) parameters, the same for every image size."""
        last = self.for_class * classes + self.beside
        return last + (0 if mode == "not_retrain" else self.retrained), last + self.backbone
