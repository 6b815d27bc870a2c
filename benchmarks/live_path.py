"""Where each millisecond of a frame goes, from the camera's bytes to the labelled picture, without a browser.

    python -m benchmarks.live_path [MODEL] [--people 4] [--seconds 8] [--turns 3]

The camera is a drawn scene of 640 x 480 pixels that sways a little, as VP8, which browsers send. One frame after
another goes the way it goes on the Live page: decode, find faces, crop, classify, follow, draw. MODEL is
models/starter.pth unless another is named.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

import av
import numpy as np

from core.data.faces.detector import FaceFinder, crop
from core.data.synthetic.demo import draw_scene
from core.inference.predictor import Predictor
from core.live.draw import annotate
from core.live.optical_flow import FlowDetector
from core.live.tracker import Follower
from core.store import paths

_SIZE, _RATE = (640, 480), 15
_LABELS = ("mask", "no_mask", "wrong_mask")


def main() -> None:
    """Print the table."""
    args = _arguments()
    predictor = Predictor(args.model)
    video = _video(args.people, round(args.seconds * _RATE))
    turns = [_turn(predictor, video) for _ in range(args.turns + 1)][1:]
    stages = {stage: [mean(turn[stage]) for turn in turns] for stage in turns[0] if stage != "faces"}
    rates = [1000 * len(turn["decode"]) / sum(sum(turn[stage]) for stage in stages) for turn in turns]
    found = mean(count for turn in turns for count in turn["faces"])
    print(f"{args.model.stem}, {_SIZE[0]} x {_SIZE[1]}, {found:.2f} faces found a frame of {args.people}")
    print(f"{predictor.runtime}")
    print(f"{median(rates):.1f} frames per second ({min(rates):.1f}–{max(rates):.1f} over {len(rates)} turns of "
          f"{len(turns[0]['decode'])} frames)")  # fmt: skip
    print("| stage | ms per frame (mean) | range over turns | share |\n|---|---|---|---|")
    whole = sum(median(own) for own in stages.values())
    for stage, own in stages.items():
        print(f"| {stage} | {median(own):.2f} | {min(own):.2f}–{max(own):.2f} | {100 * median(own) / whole:.0f} % |")
    print(f"| all | {whole:.2f} | | |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path, default=paths.PROJECT / "models" / "starter.pth")
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8, help="Length of the clip; it is run as fast as it goes.")
    parser.add_argument("--turns", type=int, default=3)
    return parser.parse_args()


def _video(people: int, frames: int) -> bytes:
    """The clip in memory."""
    labels = [_LABELS[number % len(_LABELS)] for number in range(people)]
    image, _ = draw_scene(labels, np.random.default_rng(3), _SIZE)
    scene, file = np.pad(np.asarray(image), ((8, 8), (8, 8), (0, 0)), mode="edge"), io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=_RATE, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height = _SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", 1_500_000
        for frame in range(frames):
            across, down = (round(8 + 7 * np.sin(frame * speed)) for speed in (0.11, 0.07))
            shown = scene[down : down + _SIZE[1], across : across + _SIZE[0]]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _turn(predictor: Predictor, video: bytes) -> dict[str, list[float]]:
    """Milliseconds per frame of each stage, and under "faces" how many were found."""
    finder, detector, follower = FaceFinder(), FlowDetector(), Follower(predictor)
    taken: dict[str, list[float]] = defaultdict(list)
    clock = _Clock(taken)
    for number, rgb in enumerate(_decoded(video)):
        clock.lap("decode")
        faces = detector.find(rgb, number / _RATE, finder)
        clock.lap("find")
        crops = [crop(rgb, face.box) for face in faces]
        clock.lap("crop")
        rows = predictor.probabilities(crops)
        clock.lap("classify")
        people = follower.update(faces, rows, number / _RATE)
        clock.lap("follow")
        av.VideoFrame.from_ndarray(annotate(rgb, people), format="rgb24")
        clock.lap("draw")
        taken["faces"].append(len(faces))
    return dict(taken)


def _decoded(video: bytes) -> Iterator[np.ndarray]:
    with av.open(io.BytesIO(video)) as container:
        container.streams.video[0].thread_count = 1
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


class _Clock:
    """Books the time since the last lap on a stage."""

    def __init__(self, taken: dict[str, list[float]]) -> None:
        self._taken, self._last = taken, time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._taken[stage].append(1000 * (now - self._last))
        self._last = now


if __name__ == "__main__":
    main()
