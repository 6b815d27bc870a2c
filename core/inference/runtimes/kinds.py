"""torch, ONNX Runtime and OpenVINO behind one small interface; each is imported when it is used."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.machine.openvino_core import INPUT, shared_core

if TYPE_CHECKING:
    from core.networks.onnx_graph import Graph

_MOST_THREADS = 4


class Runtime(Protocol):
    """One backend for a network. Not thread-safe."""

    name: str

    def logits(self, squares: np.ndarray) -> np.ndarray:
        """Logits (n, k) of resized RGB inputs, uint8 (n, S, S, 3), contiguous in memory."""
        ...


class Torch:
    """The reference that the others must agree with."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.name, self._graph = name, graph

    def logits(self, squares: np.ndarray) -> np.ndarray:
        import torch

        with torch.inference_mode():
            return self._graph(torch.from_numpy(squares)).numpy()


class OnnxRuntime:
    """ONNX Runtime on the processor."""

    name = "ONNX Runtime"

    def __init__(self, onnx: bytes) -> None:
        package = import_module("onnxruntime")
        options = package.SessionOptions()
        options.intra_op_num_threads = threads()
        # Threads that spin while they wait take the processor from the picture's other steps and from other viewers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = package.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])

    def logits(self, squares: np.ndarray) -> np.ndarray:
        return self._session.run(None, {INPUT: squares})[0]


class OpenVino:
    """OpenVINO on the processor, with the precision that it may calculate in: f32 or bf16. A single face, the usual
    case, goes through a graph of its own, made for one resized input, whose memory for input and output stays the
    same."""

    def __init__(self, model: Any, name: str, precision: str) -> None:
        self.name = name
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads(),
            "INFERENCE_PRECISION_HINT": precision,
        }

        def request(graph: Any) -> Any:
            return shared_core().compile_model(graph, "CPU", settings).create_infer_request()

        self._several, self._one = request(model), request(_for_one(model))
        self._square = self._one.get_input_tensor().data
        self._said = self._one.get_output_tensor().data

    def logits(self, squares: np.ndarray) -> np.ndarray:
        # The requests keep their output's memory for the next call.
        if len(squares) != 1:
            return self._several.infer([squares], share_inputs=True, share_outputs=True)[0].copy()
        self._square[:] = squares
        self._one.start_async()
        self._one.wait()
        return self._said.copy()


def _for_one(model: Any) -> Any:
    one = model.clone()
    one.reshape([1, *(side.get_length() for side in [*one.input().partial_shape][1:])])
    return one


def threads() -> int:
    """How many ONNX Runtime and OpenVINO may use: the process's processors, or OMP_NUM_THREADS where that is set, but
    at most four: more gain little on one face, and the page and the picture's other steps need some."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(_MOST_THREADS, int(asked) if asked.isdecimal() else cores))


def torch_threads() -> int:
    """How many torch may use: half as many. Its threads wait for each other spinning, which ends badly on a machine
    that trains at the same time."""
    return max(1, threads() // 2)
