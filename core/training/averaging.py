"""A running average of the weights that training changes: it lies in a flatter place than the weights of one step, and
is often better on photos of another kind (Izmailov et al., 2018; Cha et al., 2021)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

# As long as few steps were made, the average is over most of them.
_FIRST = 10


class Average:
    """An exponential moving average of the entries `names` of a network's state_dict, over about an epoch of `steps`
    steps. Of whole numbers, such as BatchNorm's count of batches, it has the latest. `kept` is what `state` gave, to go
    on from."""

    def __init__(
        self, network: nn.Module, names: Sequence[str], steps: int, kept: dict[str, Any] | None = None
    ) -> None:
        whole = network.state_dict()
        # These share their memory with the network.
        self._live = {name: whole[name] for name in names}
        self._steps = max(1, steps)
        self._done = int(kept["done"]) if kept else 0
        self._mean = {name: (kept["mean"] if kept else whole)[name].to(whole[name].device, copy=True) for name in names}

    def update(self) -> None:
        """Take in the weights of the step that was just made."""
        self._done += 1
        share = max(1 / self._steps, 1 / (1 + self._done / _FIRST))
        floats = [name for name, value in self._live.items() if value.is_floating_point()]
        with torch.no_grad():
            torch._foreach_lerp_([self._mean[name] for name in floats], [self._live[name] for name in floats], share)
            for name in self._live.keys() - set(floats):
                self._mean[name].copy_(self._live[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the average for its weights meanwhile."""
        own = {name: value.clone() for name, value in self._live.items()}
        self._put(self._mean)
        try:
            yield
        finally:
            self._put(own)

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs of it."""
        return {"mean": self._mean, "done": self._done}

    def _put(self, values: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._live.items():
                value.copy_(values[name])
