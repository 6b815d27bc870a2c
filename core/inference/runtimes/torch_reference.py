"""Compares other runtimes of a network with torch: on the probes, and on real photos of this machine."""

from __future__ import annotations

import numpy as np

from core.inference.runtimes import agreement, kinds, real_photos
from core.inference.runtimes.kinds import Runtime
from core.networks.checkpoint import Trained


class Judge:
    """`torch` is the reference; `logits` (n, k) are its own on the `probes`, uint8 (n, S, S, 3)."""

    def __init__(self, trained: Trained, name: str) -> None:
        from core.networks import onnx_graph

        self._trained = trained
        self.torch = kinds.Torch(onnx_graph.plain(trained), name)
        self.probes = agreement.probes(trained.preprocessing.image_size)
        self.logits = self.torch.logits(self.probes)

    def apart(self, runtime: Runtime) -> float:
        """How far its probabilities are from torch's at most on the probes. Raises ValueError where it disagrees."""
        # Several faces at once and one alone may take different ways through a runtime.
        alone = [runtime.logits(self.probes[n : n + 1]) for n in range(len(self.probes))]
        own = np.concatenate([runtime.logits(self.probes), *alone])
        twice = np.concatenate([self.logits, self.logits])
        says, other = (agreement.softmax(logits, self._trained.temperature) for logits in (twice, own))
        found = agreement.difference(says, other, self._trained.operating_point)
        if not found.agrees:
            raise ValueError(str(found))
        return found.largest

    def turned(self, runtime: Runtime) -> tuple[int, int]:
        """As `real.turned` says."""
        return real_photos.turned(self._trained, self.torch, runtime)
