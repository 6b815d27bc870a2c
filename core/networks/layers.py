"""What a network is made of: its layers by stage, with output shapes, parameters, multiply-adds, and what training
changes; and its residual block as a graph."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torchinfo
from torch import fx, nn
from torchinfo.layer_info import LayerInfo

from core.networks import tracing
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.schema.train_config import NO_WEIGHTS, TrainConfig

# Deep enough for every leaf of a network here.
_DEPTH = 12
_FUNCTIONS: dict[Any, str] = {operator.add: "add", operator.mul: "multiply"}


@dataclass(frozen=True)
class Layer:
    """A layer of the network: its name in the state_dict, its class, the shape that it gives for one photo (channels,
    height, width), its parameters and those of them that are trained, and its multiply-adds for one photo."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    trained: int
    mult_adds: int


@dataclass(frozen=True)
class Stage:
    """Layers that follow one another; the numbers are their sums, and `output` that of the last. `made_of` is in
    words."""

    name: str
    made_of: str
    output: tuple[int, ...]
    parameters: int
    trained: int
    mult_adds: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Node:
    """A step of a block: what it does, line by line; the steps whose results it takes; and whether it has parameters,
    and training changes them ("trained", "frozen" or "")."""

    name: str
    lines: tuple[str, ...]
    takes: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class Block:
    """The first residual block of a network that adds its input to what it makes of it; `kind` is in words."""

    name: str
    kind: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Description:
    """A network for one photo of `image_size` pixels square; `block` is None where it has no residual block."""

    backbone: str
    mode: str
    classes: int
    image_size: int
    parameters: int
    trained: int
    mult_adds: int
    stages: tuple[Stage, ...]
    block: Block | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def describe(config: TrainConfig, classes: int) -> Description:
    """The network of a config, built with random weights: one pass of it takes less time than to import what computes
    shapes alone (torch's meta device needs torch._dynamo and sympy). Torch's generator is left as it is."""
    with tracing.ALONE:
        return _described(config, classes)


def _described(config: TrainConfig, classes: int) -> Description:
    with torch.random.fork_rng(devices=[]):
        network = build(config.model_copy(update={"weights": NO_WEIGHTS}), classes).eval()
    spec, side = config.spec, config.image_size
    found = torchinfo.summary(network, (1, 3, side, side), device="cpu", depth=_DEPTH, verbose=0)
    layers = [_layer(info) for info in found.summary_list if info.is_leaf_layer]
    stages = tuple(_stages(network, spec, layers))
    return Description(
        config.backbone, config.mode, classes, side, sum(stage.parameters for stage in stages),
        sum(stage.trained for stage in stages), sum(stage.mult_adds for stage in stages), stages,
        _block(network, spec.blocks),
    )  # fmt: skip


def _layer(info: LayerInfo) -> Layer:
    return Layer(
        _path(info), info.class_name, tuple(info.output_size[1:]), max(info.num_params, 0),
        info.trainable_params, info.macs,
    )  # fmt: skip


def _path(info: LayerInfo) -> str:
    names = []
    while info.parent_info is not None:
        names.append(info.var_name)
        info = info.parent_info
    return ".".join(reversed(names))


def _stages(network: nn.Module, spec: NetworkSpec, layers: Sequence[Layer]) -> Iterator[Stage]:
    for name, starts in spec.stages.items():
        own = tuple(layer for layer in layers if any(f"{layer.name}.".startswith(f"{start}.") for start in starts))
        yield Stage(
            name, _made_of(network, spec.blocks, starts, own), own[-1].output, sum(layer.parameters for layer in own),
            sum(layer.trained for layer in own), sum(layer.mult_adds for layer in own), own,
        )  # fmt: skip


def _made_of(network: nn.Module, known: Mapping[str, str], starts: Sequence[str], layers: Sequence[Layer]) -> str:
    """Such as "Conv2d, BatchNorm2d, 2 bottlenecks": blocks counted, and the kinds of layers outside them."""
    blocks = {
        f"{start}.{name}".rstrip("."): known[type(module).__name__]
        for start in starts
        for name, module in network.get_submodule(start).named_modules()
        if type(module).__name__ in known
    }
    kinds = list(blocks.values())
    words = []
    for layer in layers:
        kind = next((own for name, own in blocks.items() if layer.name.startswith(f"{name}.")), None)
        count = kinds.count(kind) if kind else 0
        words.append(f"{count} {kind}{'s' if count > 1 else ''}" if kind else layer.kind)
    return ", ".join(dict.fromkeys(words))


def _block(network: nn.Module, known: Mapping[str, str]) -> Block | None:
    for name, module in network.named_modules():
        kind = known.get(type(module).__name__)
        if kind and getattr(module, "use_res_connect", True):
            return Block(name, kind, tuple(_nodes(module)))
    return None


def _nodes(block: nn.Module) -> Iterator[Node]:
    """The block's steps as it computes them; what only follows a convolution or a sum stands with it."""
    graph = fx.symbolic_trace(block).graph
    steps: dict[str, tuple[list[str], list[str], list[bool]]] = {}
    stands_for: dict[str, str] = {}
    for step in graph.nodes:
        if step.op == "output":
            continue
        takes = list(dict.fromkeys(stands_for[item.name] for item in step.all_input_nodes))
        module = block.get_submodule(str(step.target)) if step.op == "call_module" else None
        trained = [item.requires_grad for item in module.parameters()] if module else []
        before = step.all_input_nodes[0] if len(step.all_input_nodes) == 1 else None
        follows = before is not None and before.op != "placeholder" and len(before.users) == 1
        if before is not None and follows and not isinstance(module, nn.Conv2d):
            own = stands_for[step.name] = stands_for[before.name]
            steps[own][0].append(_words(step, module))
            steps[own][2].extend(trained)
        else:
            stands_for[step.name] = step.name
            steps[step.name] = ([_words(step, module)], takes, trained)
    for name, (lines, takes, trained) in steps.items():
        state = ("trained" if any(trained) else "frozen") if trained else ""
        yield Node(name, tuple(lines), tuple(takes), state)


def _words(step: fx.Node, module: nn.Module | None) -> str:
    if isinstance(module, nn.Conv2d):
        kind = "depthwise convolution" if module.groups == module.in_channels > 1 else "convolution"
        stride = f", stride {module.stride[0]}" if module.stride[0] > 1 else ""
        across, down = module.kernel_size
        return f"{across} × {down} {kind}, {module.in_channels} → {module.out_channels}{stride}"
    if isinstance(module, nn.BatchNorm2d):
        return "batch normalisation"
    if module is not None:
        return type(module).__name__
    if step.op == "placeholder":
        return "input"
    return _FUNCTIONS.get(step.target) or getattr(step.target, "__name__", str(step.target)).replace("_", " ")
