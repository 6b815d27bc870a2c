"""`export`: write a trained network as ONNX and OpenVINO files, or make its int8 file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from core.cli.terminal.console import LiveLine
from core.inference import export, quantise
from core.inference.exported import outdated
from core.networks import checkpoint
from core.schema.errors import UserError


def run(args: Namespace) -> None:
    """Print the lines `onnx PATH` and `openvino PATH`, or `int8 PATH` and how it was checked, or what is outdated.

    Raises UserError for what the user must put right.
    """
    if args.int8 and args.out:
        raise UserError("The int8 file belongs beside the model file: type --int8 without --out.")
    trained = checkpoint.load(args.model)
    if args.check:
        folder = args.out or args.model.parent
        print(outdated(args.model, trained.operating_point.threshold, folder) or f"Nothing in {folder} is outdated.")
        return
    if args.int8:
        _int8(trained, args.int8)
        return
    onnx, openvino = export.export(trained, args.out or args.model.parent)
    print(f"onnx {onnx}\nopenvino {openvino}")


def _int8(trained: checkpoint.Trained, dataset: Path) -> None:
    line = LiveLine()
    line.show("Reading the photos")
    try:
        made = quantise.quantise(trained, dataset, lambda done, total: line.show(f"{done} of {total} photos"))
    finally:
        line.clear()
    found = made.difference
    print(f"int8 {made.path}")
    print(
        f"Calibrated on {made.calibrated} photos that the network has learnt from ({made.left_aside} others left "
        f"aside). On {made.checked} more of them its probabilities are {found.mean:.4f} from torch's on average and "
        f"{found.largest:.3f} at most, {100 * found.changed:.1f} % have another label, and for "
        f"{100 * found.turned:.1f} % the decision at the operating point, pass or stop, is another."
    )
