"""How this machine computes a network while it trains: the frozen backbone without gradients, by the fastest backend
that agrees with torch, the rest in the precision that is faster."""

from __future__ import annotations

import copy
import hashlib
import time
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from core.data.images.preprocessing import Preprocessing
from core.networks.backbone import frozen
from core.networks.backbone.stages import cut
from core.networks.build import train_mode
from core.schema.train_config import Precision

PROBES = 8
_TURNS = 2
# A gain that is worth a lower precision, and more than what differs from one turn to the next.
_WORTH = 1.15


@dataclass(frozen=True)
class Chosen:
    """What a checkpoint remembers, so that a resumed run computes as it did: the precision of what is trained, and the
    name of the backend that computes the frozen backbone ("" where nothing is frozen)."""

    precision: str
    frozen: str

    @property
    def log_line(self) -> str:
        """As the log has it: `head=bfloat16 backbone=openvino-bf16`."""
        backend = self.frozen.lower().replace(",", "").replace(" ", "-") or "none"
        short = backend.replace("bfloat16", "bf16").replace("float32", "fp32")
        return f"head={self.precision} backbone={short}"


class Compute:
    """A network on its device. `network` stays the whole one: its parts are the ones used here."""

    def __init__(
        self, network: nn.Module, preprocessing: Preprocessing, pixels: torch.Tensor, precision: Precision = "float32",
        known: Chosen | None = None,
    ) -> None:  # fmt: skip
        """`pixels`, uint8 (n, 3, S, S) on the network's device, are what backends and precisions are compared on.
        `known` are choices to keep; without them the fastest are taken."""
        self.network, self.preprocessing, self.device = network, preprocessing, pixels.device
        self.frozen, self.rest = cut(network)
        way = ""
        if len(self.frozen):
            way, self._frozen_way = frozen.fastest(
                self.frozen, preprocessing, pixels, precision, known.frozen if known else ""
            )
        # A lower precision gains where convolutions are trained, and nothing in one small layer.
        if precision == "auto" and known is None:
            precision = self._faster(pixels) if self._convolves else "float32"
        self.chosen = known or Chosen(precision, way)

    @property
    def trained_names(self) -> list[str]:
        """Names in the network's state_dict of all that training changes."""
        fixed = {id(value) for value in self.frozen.state_dict(keep_vars=True).values()}
        return [name for name, value in self.network.state_dict(keep_vars=True).items() if id(value) not in fixed]

    @property
    def frozen_digest(self) -> str:
        """Tells the frozen backbone's weights from others."""
        digest = hashlib.blake2b(digest_size=16)
        for value in self.frozen.state_dict().values():
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def train(self) -> None:
        """Training mode for what is trained."""
        train_mode(self.network)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """What the rest of the network takes, float32, of uint8 photos (N, 3, S, S) on the device: the frozen
        backbone's output, or the standardised photos where nothing is frozen. It may share memory with the next
        call's."""
        if not len(self.frozen):
            return self.preprocessing.normalise(pixels)
        found = self._frozen_way(pixels)
        return found.contiguous(memory_format=torch.channels_last) if found.ndim == 4 else found

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        """Logits, float32 (N, classes)."""
        return self._logits(self.rest, features, self.chosen.precision)

    @property
    def _convolves(self) -> bool:
        return any(isinstance(module, nn.Conv2d) for module in self.rest.modules())

    def _logits(self, rest: nn.Module, features: torch.Tensor, precision: str) -> torch.Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            return rest(features).float()

    def _faster(self, pixels: torch.Tensor) -> Precision:
        """The precision whose steps are faster, measured on a copy: nothing is learnt here."""
        if self.device.type == "cuda" and not torch.cuda.is_bf16_supported():
            return "float32"
        self.train()
        rest, features = copy.deepcopy(self.rest), self.features(pixels).clone()
        target = torch.zeros(len(pixels), dtype=torch.long, device=self.device)

        def step(precision: str) -> float:
            started = time.perf_counter()
            F.cross_entropy(self._logits(rest, features, precision), target).backward()
            if self.device.type == "cuda":
                torch.cuda.synchronize()
            return time.perf_counter() - started

        with torch.random.fork_rng(devices=[]):
            # The first step of each allocates.
            seconds = {name: min([step(name) for _ in range(1 + _TURNS)][1:]) for name in ("float32", "bfloat16")}
        return "bfloat16" if seconds["float32"] > _WORTH * seconds["bfloat16"] else "float32"
