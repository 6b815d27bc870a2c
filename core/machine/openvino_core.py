"""OpenVINO without its telemetry, and what this processor can do in it. Needs no torch."""

from __future__ import annotations

import io
import sys
import threading
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

# The name of a graph's input, in ONNX too.
INPUT = "squares"


def openvino() -> ModuleType:
    """OpenVINO without its telemetry: merely being imported, it would tell Google Analytics of it, asking nobody."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return import_module("openvino")


_alone = threading.Lock()


def shared_core() -> Any:
    """OpenVINO's Core, of which a process has one, for all its threads: with several, some version crashes the process
    (openvinotoolkit/openvino#35338), and ours did so now and then while a network was compiled."""
    with _alone:
        return _core()


@cache
def _core() -> Any:
    return openvino().Core()


def read_openvino(onnx: bytes) -> Any:
    """The graph as OpenVINO's model."""
    return shared_core().read_model(io.BytesIO(onnx))


def calculates_bf16() -> bool:
    """Whether OpenVINO is here and this processor calculates in bfloat16 itself."""
    try:
        return "BF16" in shared_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except Exception:
        return False
