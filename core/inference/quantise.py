"""Make the int8 file of a trained network, calibrated on photos that it has learnt from, and only where its answers
stay torch's."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset.scan import Photo, Progress, scan
from core.data.images.decode import decode
from core.inference.runtimes import agreement, int8, kinds
from core.inference.runtimes.agreement import Difference
from core.machine import openvino_core
from core.networks import onnx_graph
from core.networks.checkpoint import Trained
from core.schema.errors import UserError

_CALIBRATED, _CHECKED, _LEAST = 300, 400, 40
# How many of the first layers keep their precision: they work on the largest squares and lose most by int8. As few as
# will do.
_KEPT = (0, 8, 16)
_LAST = 2
_LAYERS = {"Convolution", "GroupConvolution", "MatMul"}


@dataclass(frozen=True)
class Quantised:
    """What was written: `calibrated` and `checked` photos, `left_aside` ones that the network has not learnt from (or
    of a label it does not know), and how far its answers on the checked ones are from torch's."""

    path: Path
    calibrated: int
    checked: int
    left_aside: int
    difference: Difference


def quantise(trained: Trained, dataset: Path, progress: Progress | None = None) -> Quantised:
    """Write the int8 file of a model file. Test photos stay unseen: only those the network was trained or selected on
    are used, one part to calibrate and another to check. Raises UserError where there are too few, where int8
    changes the answers, where there is an int8 file already, and without the package nncf."""
    if find_spec("nncf") is None:
        raise UserError("An int8 file is made by the package nncf, which is not installed: `make extras` installs it.")
    if int8.path_of(trained.path).exists():
        raise UserError(f"{int8.path_of(trained.path)} exists already: move it away first.")
    photos = scan(dataset, progress).photos
    learnt = [photo for photo in photos if photo.digest in trained.seen and photo.label in trained.labels]
    if len(learnt) < _LEAST:
        raise UserError(
            f"{trained.path.name} has learnt from {len(learnt)} of the {len(photos)} photos in {dataset}, and {_LEAST} "
            "are needed to calibrate on: name the folder it was trained on."
        )
    order = np.random.default_rng(0).permutation(len(learnt))
    many = min(_CALIBRATED, len(learnt) // 2)
    chosen = [learnt[place] for place in order[: many + _CHECKED]]
    squares = _squares(trained, dataset, chosen)
    quantised, difference = _agreeing(trained, squares[:many], squares[many:])
    path = int8.save(quantised, trained.path)
    return Quantised(path, many, len(squares) - many, len(photos) - len(learnt), difference)


def _squares(trained: Trained, dataset: Path, photos: Sequence[Photo]) -> np.ndarray:
    """uint8 (n, S, S, 3)."""
    side = trained.preprocessing.image_size
    pictures = (decode(dataset / photo.file, side) for photo in photos)
    return np.stack([trained.preprocessing.pixels(picture) for picture in pictures])


def _agreeing(trained: Trained, calibrating: np.ndarray, checking: np.ndarray) -> tuple[Any, Difference]:
    model = openvino_core.read_openvino(
        onnx_graph.to_onnx(onnx_graph.folded(trained), trained.preprocessing.image_size, "logits")
    )
    layers = [node.get_friendly_name() for node in model.get_ordered_ops() if node.get_type_name() in _LAYERS]
    torch_says = _says(kinds.Torch(onnx_graph.plain(trained), "torch"), checking, trained.temperature)
    best: Difference | None = None
    for kept in _KEPT:
        if kept >= len(layers) - _LAST:
            break
        quantised = _quantised(model, calibrating, layers[:kept] + layers[-_LAST:])
        other_says = _says(int8.compiled(quantised), checking, trained.temperature)
        found = agreement.difference(torch_says, other_says, trained.operating_point)
        if found.agrees_on_photos:
            return quantised, found
        best = found if best is None else min(best, found, key=lambda one: one.largest)
    raise UserError(
        f"{trained.path.name} in int8 would answer differently on {len(checking)} photos: {best}. Nothing was written."
    )


def _quantised(model: Any, squares: np.ndarray, exact: list[str]) -> Any:
    openvino_core.openvino()
    logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
    nncf = import_module("nncf")
    # nncf.set_log_level would quieten the handlers on its logger too, which others may share.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):
        return nncf.quantize(
            model, nncf.Dataset([square[None] for square in squares]), subset_size=len(squares),
            preset=nncf.QuantizationPreset.MIXED, ignored_scope=nncf.IgnoredScope(names=exact),
        )  # fmt: skip


def _says(runtime: kinds.Runtime, squares: np.ndarray, temperature: float) -> np.ndarray:
    return agreement.softmax(
        np.concatenate([runtime.logits(squares[n : n + 1]) for n in range(len(squares))]), temperature
    )
