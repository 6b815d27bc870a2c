"""The int8 file beside a model file: X.int8.xml and X.int8.bin beside X.pth, made by `export X.pth --int8 PHOTOS`.

It holds the quantised network and the model file's digest, and nothing of any photo.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from core.inference.runtimes import kinds
from core.machine import openvino_core
from core.machine.openvino_core import INPUT

NAME = "OpenVINO int8"
_DIGEST = ["mask_lab", "model_digest"]


def path_of(model: Path) -> Path:
    """Where a model file's int8 file is, if it has one."""
    return model.with_suffix(".int8.xml")


def fits(model: Path) -> bool:
    """Whether the int8 file was made from the model file as it is now. Raises OSError where one of them is missing."""
    # Looked for in the text, because OpenVINO takes what is no model of its own for one of five other kinds.
    return digest(model).encode() in path_of(model).read_bytes()


def load(model: Path) -> kinds.OpenVino:
    """The int8 file of a model file, ready to run. Raises ValueError where it was made from another model file, and
    what OpenVINO raises for a damaged one."""
    path = path_of(model)
    if not fits(model):
        raise ValueError(f"{path.name} was made from another model file or is damaged")
    return compiled(openvino_core.shared_core().read_model(path))


def compiled(quantised: Any) -> kinds.OpenVino:
    """A quantised model ready to run; what is not int8 in it runs in bf16 where the processor can."""
    if [port.get_any_name() for port in quantised.inputs] != [INPUT]:
        raise ValueError("it does not take resized inputs")
    return kinds.OpenVino(quantised, NAME, "bf16" if openvino_core.calculates_bf16() else "f32")


def save(quantised: Any, model: Path) -> Path:
    """Write the int8 file of a model file, in place of an older one, and return its path."""
    quantised.set_rt_info(digest(model), _DIGEST)
    path = path_of(model)
    openvino_core.openvino().save_model(quantised, path, compress_to_fp16=False)
    return path


def digest(model: Path) -> str:
    """Of a file's bytes."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
