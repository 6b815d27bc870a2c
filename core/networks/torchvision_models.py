"""torchvision's networks, imported in a third of the time: without torch._dynamo, which torchvision needs for one
operator of object detectors alone."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

_DYNAMO = "torch._dynamo.utils"


def _imported() -> ModuleType:
    """torchvision.models. Whoever calls its `roi_align` later still asks the real torch._dynamo."""
    if _DYNAMO in sys.modules:
        return import_module("torchvision.models")
    later = ModuleType(_DYNAMO)
    later.__dict__["is_compile_supported"] = lambda device: import_module(_DYNAMO).is_compile_supported(device)
    sys.modules[_DYNAMO] = later
    try:
        return import_module("torchvision.models")
    finally:
        del sys.modules[_DYNAMO]


models = _imported()
