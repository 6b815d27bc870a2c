"""A trained network with its preprocessing inside, and the same as an ONNX graph, which every other runtime reads."""

from __future__ import annotations

import io
import logging
import warnings

import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from core.data.images.preprocessing import Preprocessing
from core.machine.openvino_core import INPUT
from core.networks.checkpoint import Trained

_OPSET = 17


class Graph(nn.Module):
    """Takes resized inputs as a camera gives them, uint8 RGB (n, S, S, 3), and returns logits (n, k)."""

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.network = network
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preprocessing.mean, preprocessing.std))
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", -mean / std)

    def forward(self, squares: torch.Tensor) -> torch.Tensor:
        # Channels stay last in memory, where torch's convolutions on a CPU are quickest.
        return self.network(squares.permute(0, 3, 1, 2).to(torch.float32) * self.scale + self.shift)


class Calibrated(nn.Module):
    """A graph that returns calibrated probabilities (n, k): the softmax of logits divided by the temperature."""

    def __init__(self, graph: nn.Module, temperature: float) -> None:
        super().__init__()
        self.graph, self.temperature = graph, temperature

    def forward(self, squares: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.graph(squares) / self.temperature, dim=1)


def plain(trained: Trained) -> Graph:
    """The network as it was trained."""
    return Graph(trained.network, trained.preprocessing).eval()


def folded(trained: Trained) -> Graph:
    """The same with each BatchNorm folded into the convolution before it: the same numbers with less to do."""
    return Graph(fuse(trained.network.eval()), trained.preprocessing).eval()


def to_onnx(graph: nn.Module, image_size: int, output: str) -> bytes:
    """The graph as an ONNX file's bytes; n is free. The input is named "squares"."""
    squares, file = torch.zeros(2, image_size, image_size, 3, dtype=torch.uint8), io.BytesIO()
    with warnings.catch_warnings():
        # The newer exporter takes ten times as long and needs two more packages; what this one warns of is its age.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            # The older exporter writes into a file object, too; its types do not know.
            graph, (squares,), file, dynamo=False,  # type: ignore[arg-type]
            opset_version=_OPSET, input_names=[INPUT], output_names=[output],
            dynamic_axes={INPUT: {0: "n"}, output: {0: "n"}},
        )  # fmt: skip
    return file.getvalue()
