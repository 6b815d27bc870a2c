"""How fast a predictor is on one face: against torch, and against OpenVINO's own benchmark of the same graph.

    python -m benchmarks.predictor NETWORK... [--size 224] [--turns 5] [--seconds 4]

NETWORK is a model file, or MobileNet, ResNet or BasicCNN with random weights, which take as long. All ways are
measured in turns within one run; each turn gives one ratio, and the table has their median and range. `torch eager` is
the network as it was trained, with as many threads as there are processors, and with the half of them that Mask Lab
gives it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from core.data.images.preprocessing import Preprocessing
from core.data.synthetic.demo import draw_face
from core.inference.predictor import Predictor
from core.inference.runtimes import agreement, choose, kinds
from core.machine import openvino_core
from core.networks import build, checkpoint, onnx_graph
from core.networks.checkpoint import Trained
from core.networks.operating_point import OperatingPoint
from core.schema import train_config as configs
from core.schema.labels import THREE_CLASSES

_CROP = 160
# Without its telemetry, as in core/inference/runtimes/kinds.py.
_OWN = "import sys; sys.modules['openvino_telemetry'] = None; from openvino.tools.benchmark.main import main; main()"
Way = Callable[[], object]


def main() -> None:
    """Print one table per network."""
    args = _arguments()
    for name in args.networks:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(name) if name.endswith(".pth") else _random(name, args.size, Path(folder))
            _table(path, args, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", metavar="NETWORK")
    parser.add_argument("--size", type=int, default=224, help="Side of the square for random weights.")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="How long each way is measured in a turn, at most.")
    return parser.parse_args()


def _random(backbone: str, size: int, folder: Path) -> Path:
    config = configs.make({"dataset": "-", "backbone": backbone, "weights": "none", "image_size": size})
    torch.manual_seed(0)
    network, path = build.build(config, 3).eval(), folder / f"{backbone}-random-{size}px.pth"
    point, seen = OperatingPoint(0.5), frozenset[str]()
    checkpoint.save(path, Trained(
        config, THREE_CLASSES, Preprocessing(size), 1.0, point, None, seen, path, network
    ))  # fmt: skip
    return path


def _table(path: Path, args: argparse.Namespace, folder: Path) -> None:
    started = time.perf_counter()
    predictor = Predictor(path)
    loaded = time.perf_counter() - started
    trained = checkpoint.load(path)
    ways = _ways(trained, predictor)
    own = _own(trained, predictor.runtime.name, folder)
    taken: dict[str, list[float]] = {name: [] for name in (*ways, *own)}
    for _ in range(args.turns):
        for name, way in ways.items():
            taken[name].append(_milliseconds(way, args.seconds))
        for name, ask in own.items():
            taken[name].append(ask(args.seconds))
    print(f"\n{path.stem}, {trained.preprocessing.image_size} px, one face; loaded in {loaded:.1f} s")
    print(f"{predictor.runtime}")
    eager = [min(pair) for pair in zip(taken[_eager(kinds.threads())], taken[_eager(kinds.torch_threads())],
                                       strict=True)]  # fmt: skip
    print("| | ms (median) | times as fast as the quicker torch eager (range) | predictor takes ... times as long |")
    print("|---|---|---|---|")
    for name, own_ms in taken.items():
        print(f"| {name} | {median(own_ms):.2f} | {_ratio(eager, own_ms)} | {_ratio(taken[_PREDICTOR], own_ms)} |")


_PREDICTOR = "Predictor, a crop of 160 px to probabilities"


def _eager(threads: int) -> str:
    return f"torch eager, {threads} thread{'s' * (threads > 1)}"


def _ways(trained: Trained, predictor: Predictor) -> dict[str, Way]:
    """Everything that is measured in this process, by name."""
    square, crop = agreement.probes(trained.preprocessing.image_size)[:1], _crop()
    reference = kinds.Torch(onnx_graph.plain(trained), choose.TORCH)

    def eager(threads: int) -> Way:
        def run() -> None:
            torch.set_num_threads(threads)
            reference.logits(square)

        return run

    ways: dict[str, Way] = {_eager(count): eager(count) for count in (kinds.threads(), kinds.torch_threads())}
    for name, build_one in choose.builders(trained):
        runtime = build_one()
        ways[name] = lambda runtime=runtime: runtime.logits(square)
    return ways | {_PREDICTOR: lambda: predictor.probabilities([crop])}


def _crop() -> Image.Image:
    return draw_face("mask", np.random.default_rng(0), _CROP)


def _milliseconds(way: Way, seconds: float) -> float:
    """The median of as many calls as fit, after the threads of the way before have gone to sleep."""
    time.sleep(0.2)
    for _ in range(3):
        way()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < 200 and time.perf_counter() - began < seconds:
        before = time.perf_counter()
        way()
        taken.append(1000 * (time.perf_counter() - before))
    return median(taken)


def _own(trained: Trained, chosen: str, folder: Path) -> dict[str, Callable[[float], float]]:
    """OpenVINO's benchmark_app on the same graph with the batch fixed at 1, where OpenVINO was chosen."""
    if not chosen.startswith("OpenVINO") or chosen.endswith("int8"):
        return {}
    side, file = trained.preprocessing.image_size, folder / "same.xml"
    model = openvino_core.read_openvino(onnx_graph.to_onnx(onnx_graph.folded(trained), side, "logits"))
    openvino_core.openvino().save_model(model, file, compress_to_fp16=False)
    precision = "bf16" if chosen.endswith("bf16") else "f32"

    def ask(seconds: float) -> float:
        told = subprocess.run(
            [sys.executable, "-c", _OWN, "-m", str(file), "-d", "CPU", "-hint", "none", "-nstreams", "1",
             "-api", "sync", "-shape", f"[1,{side},{side},3]", "-nthreads", str(kinds.threads()),
             "-infer_precision", precision, "-t", str(max(1, round(seconds)))],
            capture_output=True, text=True, check=True)  # fmt: skip
        value, unit = re.search(r"Median:\s+([\d.]+) (us|ms)", told.stdout).groups()
        return float(value) / (1000 if unit == "us" else 1)

    return {"OpenVINO's benchmark_app, same graph": ask}


def _ratio(base: list[float], own: list[float]) -> str:
    ratios = [one / other for one, other in zip(base, own, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


if __name__ == "__main__":
    main()
