"""What has to be known about a network, declared once: each file in core/networks/zoo/ holds one NetworkSpec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from torch import nn

Net = TypeVar("Net", bound="nn.Module")


@dataclass(frozen=True)
class ImageNet:
    """torchvision's name of a network's pretrained weights, and of their file."""

    weights: str
    file: str


class Pretrained(Protocol):
    """Loads ImageNet weights into a torchvision network where a training begins with them, and returns it."""

    def __call__(self, network: Net) -> Net: ...


class Builder(Protocol):
    """Builds a network that takes standardised images (N, 3, S, S), S = `image_size`, and returns logits (N, classes).

    A torchvision network goes through `pretrained`; layers of one's own come afterwards. All weights are drawn from
    torch's generator in the order of building.
    """

    def __call__(self, classes: int, image_size: int, pretrained: Pretrained) -> nn.Module: ...


class Parameters(Protocol):
    """(trained, all) parameters for a mode, an image size in pixels and a number of classes, without torch."""

    def __call__(self, mode: str, image_size: int, classes: int) -> tuple[int, int]: ...


@dataclass(frozen=True)
class NetworkSpec:
    """A network: `name` is what config.json, model files and `--backbone` call it, for ever; `title` is its name in
    the literature, and `help` goes on from there in the form and `-h` ("suits a laptop").

    Modules are named as in the network's state_dict, such as "features.18". Raises ValueError for a name that is not
    made of ASCII letters and digits, and for a `retrain_from` that is no stage.
    """

    name: str
    title: str
    help: str
    build: Builder
    # Modules that, one after another, compute what the network does to the last bit of its gradients: its own, not
    # copies. Training cuts between two of them. (To its types, torch's modules have tensors or modules as attributes.)
    chain: Callable[[Any], list[nn.Module]]
    # Stage -> its modules, in the order of computing; together they hold every parameter. Mode not_retrain trains the
    # last stage and freezes those before it.
    stages: Mapping[str, tuple[str, ...]]
    # The first stage that mode retrain trains. None: there is one mode, which trains the whole network.
    retrain_from: str | None
    # The last module whose output still knows places, (N, channels, height, width).
    gradcam: str
    parameters: Parameters
    imagenet: ImageNet | None = None
    # Class name of a residual block -> what it is called, for its drawing.
    blocks: Mapping[str, str] = field(default_factory=dict)
    # It computes one number z and returns the two logits (z, 0): it knows two classes only.
    one_logit: bool = False
    # The learning rate of mode retrain where none is asked for. None: TrainConfig's own.
    retrain_rate: float | None = None
    # What is trained unless another network is asked for: one of all.
    default: bool = False

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.isalnum()):
            raise ValueError(f"{self.name!r}: a network's name has letters and digits only; files are named by it")
        if self.retrain_from is not None and self.retrain_from not in self.stages:
            raise ValueError(f"{self.name}: {self.retrain_from!r} is none of its stages {', '.join(self.stages)}")

    def frozen(self, mode: str) -> tuple[str, ...]:
        """Names of the modules that a mode leaves as they are."""
        if self.retrain_from is None:
            return ()
        names = list(self.stages)
        first = names[-1] if mode == "not_retrain" else self.retrain_from
        return tuple(module for stage in names[: names.index(first)] for module in self.stages[stage])

    def trains_head(self, mode: str) -> bool:
        """Whether a mode trains the last stage alone."""
        return mode == "not_retrain" and self.retrain_from is not None

    @property
    def retrains_whole(self) -> bool:
        """Whether mode retrain trains all of it, where there is another mode."""
        return self.retrain_from == next(iter(self.stages))
