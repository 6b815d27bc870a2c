"""The frozen backbone of a network, computed without gradients by the fastest backend here that agrees with torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from core.data.images.preprocessing import Preprocessing
from core.machine import openvino_core
from core.networks.onnx_graph import Graph, to_onnx

TORCH = "torch"
# How far features may be from torch's in float32: the length of the difference, as a share of the features' own
# length. bfloat16 has eight bits of a number, and errors add up over fifty layers.
TOLERANCE = {"float32": 1e-3, "bfloat16": 0.05}
_TURNS = 2


class Way(Protocol):
    """uint8 photos (N, 3, S, S) to features, float32, without gradients. They may share memory with the next call's."""

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor: ...


Builder = Callable[[], Way]


def fastest(
    part: nn.Sequential, preprocessing: Preprocessing, pixels: torch.Tensor, precision: str, known: str = ""
) -> tuple[str, Way]:
    """(name, backend) to compute the frozen `part` of standardised photos.

    Each backend is built, compared with torch on `pixels`, uint8 (n, 3, S, S) on the device of the part, and timed.
    `precision` float32 leaves out those of a lower precision. `known` is the name of one that was taken
    before: then it alone is tried. What can't be built or disagrees is left out; torch always works.
    """
    reference = _Torch(Graph(part, preprocessing).eval().to(pixels.device))
    features = reference(pixels).clone()
    ways: dict[str, Way] = {TORCH: reference}
    for name, (build, allowed) in _builders(part, preprocessing, pixels, precision).items():
        if known in ("", name) and known != TORCH and (way := _agreeing(build, pixels, features, allowed)):
            ways[name] = way
    if known in ways:
        return known, ways[known]
    seconds = {name: _seconds(way, pixels) for name, way in ways.items()} if len(ways) > 1 else {TORCH: 0.0}
    taken = min(seconds, key=seconds.__getitem__)
    return taken, ways[taken]


class _Torch:
    def __init__(self, graph: nn.Module, dtype: torch.dtype | None = None) -> None:
        self._graph, self._dtype = graph, dtype

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        # Not inference_mode: autograd must be able to keep these for the gradients of what follows.
        with torch.no_grad(), torch.autocast(pixels.device.type, self._dtype, enabled=self._dtype is not None):
            return self._graph(pixels.permute(0, 2, 3, 1)).float()


class _OpenVino:
    def __init__(self, onnx: bytes, precision: str) -> None:
        settings = {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": precision,
        }  # fmt: skip
        compiled = openvino_core.shared_core().compile_model(openvino_core.read_openvino(onnx), "CPU", settings)
        self._request = compiled.create_infer_request()

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        squares = np.ascontiguousarray(pixels.permute(0, 2, 3, 1).numpy())
        features = self._request.infer([squares], share_inputs=True, share_outputs=True)[0]
        return torch.from_numpy(features)


def _builders(
    part: nn.Sequential, preprocessing: Preprocessing, pixels: torch.Tensor, precision: str
) -> dict[str, tuple[Builder, float]]:
    """Backends beside torch as it is, by name, with the tolerance of each."""
    return dict(_all_builders(part, preprocessing, pixels, precision != "float32"))


def _all_builders(
    part: nn.Sequential, preprocessing: Preprocessing, pixels: torch.Tensor, lower_precision: bool
) -> Iterator[tuple[str, tuple[Builder, float]]]:
    def folded() -> Graph:
        return Graph(fuse(part), preprocessing).eval().to(pixels.device)

    exact, rough = TOLERANCE["float32"], TOLERANCE["bfloat16"]
    if lower_precision:
        yield f"{TORCH} bfloat16", (lambda: _Torch(folded(), torch.bfloat16), rough)
    if pixels.device.type != "cpu":
        yield f"{TORCH}, folded", (lambda: _Torch(folded()), exact)
        return

    def onnx() -> bytes:
        return to_onnx(folded(), pixels.shape[-1], "features")

    yield "OpenVINO float32", (lambda: _OpenVino(onnx(), "f32"), exact)
    if lower_precision and openvino_core.calculates_bf16():
        yield "OpenVINO bfloat16", (lambda: _OpenVino(onnx(), "bf16"), rough)


def _agreeing(build: Builder, pixels: torch.Tensor, features: torch.Tensor, allowed: float) -> Way | None:
    try:
        way = build()
        found = way(pixels)
        if found.shape != features.shape:
            raise ValueError(f"its features have the shape {tuple(found.shape)}, not {tuple(features.shape)}")
    except Exception as error:
        # Packages raise what they like; torch does the work where another can't.
        print(f"frozen backbone: a backend is left out ({type(error).__name__}: {str(error)[:200]})", flush=True)
        return None
    apart = torch.linalg.vector_norm(found - features) / torch.linalg.vector_norm(features).clamp_min(1e-12)
    return way if float(apart) <= allowed else None


def _seconds(way: Way, pixels: torch.Tensor) -> float:
    """The best of some turns: what else the machine does can only add to them."""
    taken = []
    for _ in range(_TURNS):
        started = time.perf_counter()
        way(pixels)
        if pixels.is_cuda:
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return min(taken)
