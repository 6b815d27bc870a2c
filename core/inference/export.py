"""Write a trained network as ONNX and OpenVINO files for use without Mask Lab, with preprocessing, calibration and
labels inside."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

from core.inference.exported import POINT
from core.inference.runtimes.int8 import digest
from core.machine import openvino_core
from core.machine.openvino_core import INPUT
from core.networks import onnx_graph
from core.networks.checkpoint import Trained
from core.schema.errors import UserError

OUTPUT = "probabilities"
# Where OpenVINO's file has the facts: its rt_info's first key.
SECTION = "mask_lab"


def export(trained: Trained, folder: Path) -> tuple[Path, Path]:
    """Write X.onnx, and X.xml with X.bin, for a model file X.pth; returns the first two paths.

    Both take `squares`, uint8 RGB (n, S, S, 3), and return `probabilities`, float32 (n, k), calibrated. The labels, S,
    the operating point and the rest are in metadata_props (ONNX) and in rt_info (OpenVINO). Raises UserError where a
    file of that name exists.
    """
    stem = trained.path.stem
    paths = [folder / f"{stem}{suffix}" for suffix in (".onnx", ".xml", ".bin")]
    taken = next((path for path in paths if path.exists()), None)
    if taken:
        raise UserError(f"{taken} exists already: move it away, or name another folder with --out.")
    onnx, openvino = import_module("onnx"), openvino_core.openvino()
    module = onnx_graph.Calibrated(onnx_graph.folded(trained), trained.temperature)
    written = onnx_graph.to_onnx(module, trained.preprocessing.image_size, OUTPUT)
    said = facts(trained)

    model = onnx.load_from_string(written)
    onnx.helper.set_model_props(model, said)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, paths[0])
    ir = openvino_core.read_openvino(written)
    for name, value in said.items():
        ir.set_rt_info(value, [SECTION, name])
    openvino.save_model(ir, paths[1], compress_to_fp16=False)
    return paths[0], paths[1]


def facts(trained: Trained) -> dict[str, str]:
    """What whoever uses the file must know, as text; lists are JSON."""
    preprocessing, point = trained.preprocessing, trained.operating_point
    above = trained.unsure_above
    return {
        "labels": json.dumps([str(label) for label in trained.labels]),
        "image_size": str(preprocessing.image_size),
        "input": f"{INPUT}: uint8 RGB (n, {preprocessing.image_size}, {preprocessing.image_size}, 3); a face box "
        "widened by a fifth of its size on each side, squeezed into the square with bilinear resampling",
        "output": f"{OUTPUT}: float32 (n, {len(trained.labels)}), calibrated, in the order of labels",
        POINT: repr(point.threshold),
        "false_alarm_target": repr(point.target),
        "temperature_inside": repr(trained.temperature),
        "mean_inside": json.dumps(preprocessing.mean),
        "std_inside": json.dumps(preprocessing.std),
        "model_file_sha256": digest(trained.path),
    } | ({} if above is None else {"unsure_below_highest_probability": repr(1 - above)})
