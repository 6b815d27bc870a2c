"""What changes when the detector has every second frame of a video only: boxes, labels, states, events and the time.

    python -m benchmarks.every_second_frame CLIPS [MODEL]

CLIPS is a folder of videos; MODEL is the starter unless named. Each frame goes once through the detector and once
through the way that Live takes; the rest is the same for both.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import numpy as np

from core.data.faces.detector import Face, FaceFinder, crop
from core.inference.predictor import Predictor
from core.live.media.sources import open_source
from core.live.optical_flow import FlowDetector
from core.live.tracked_person import Followed
from core.live.tracker import Follower
from core.live.watch.events import Watch
from core.store import paths
from tests.fixtures.support import overlap

_EVENT_SECONDS = 1.0
# Boxes of different people do not overlap so much.
_SAME = 0.3


class Counting:
    """A face finder that counts the frames it is shown."""

    def __init__(self) -> None:
        self.looked, self._finder = 0, FaceFinder()

    def find(self, rgb: np.ndarray) -> list[Face]:
        """As FaceFinder.find."""
        self.looked += 1
        return self._finder.find(rgb)


class Way:
    """One way through a clip, with a FlowDetector or without. `took` is in seconds, for finding."""

    def __init__(self, predictor: Predictor, flow: FlowDetector | None = None) -> None:
        self.took, self.finder = 0.0, Counting()
        self.watch = Watch(_EVENT_SECONDS, clock=lambda: 0.0)
        self._predictor, self._flow, self._follower = predictor, flow, Follower(predictor)

    def step(self, rgb: np.ndarray, at: float) -> list[Followed]:
        """The people of a frame."""
        started = time.perf_counter()
        faces = self._flow.find(rgb, at, self.finder) if self._flow else self.finder.find(rgb)
        self.took += time.perf_counter() - started
        rows = self._predictor.probabilities([crop(rgb, face.box) for face in faces])
        people = self._follower.update(faces, rows, at)
        self.watch(tuple(people), rgb, at)
        return people


@dataclass
class Same:
    """How two ways through a clip agree: `overlaps` (IoU) of the faces that both have, `faces` in all of the first,
    `said` the same label and state of how many."""

    frames: int = 0
    faces: int = 0
    extra: int = 0
    said: int = 0
    overlaps: list[float] = field(default_factory=list)

    def take(self, wanted: Sequence[Followed], found: Sequence[Followed]) -> None:
        """Compare one frame."""
        self.frames += 1
        self.faces += len(wanted)
        matched = [(own, other) for own in wanted if (other := _nearest(own, found))]
        self.extra += max(0, len(found) - len(matched))
        self.overlaps += [overlap(own.reading.box, other.reading.box) for own, other in matched]
        self.said += sum(_said(own) == _said(other) for own, other in matched)


def compare(clip: Path, predictor: Predictor) -> tuple[Same, Way, Way]:
    """Both ways through a clip: each frame by the detector, and as Live does."""
    every, live, same = Way(predictor), Way(predictor, FlowDetector()), Same()
    with closing(open_source(str(clip)).frames) as frames:
        for frame in frames:
            same.take(every.step(frame.pixels, frame.time), live.step(frame.pixels, frame.time))
    return same, every, live


def events(way: Way) -> list[tuple[str, float]]:
    """Label and length, in seconds, of a way's events, the first one first."""
    return [(str(event.label), round(event.seconds, 1)) for event in reversed(way.watch.events())]


def main() -> None:
    """Print a row a clip, and the events."""
    predictor = Predictor(Path(sys.argv[2]) if len(sys.argv) > 2 else paths.STARTER_FILE)
    print("| clip | frames | detector had | ms per frame: every, now | faces | found too | IoU: mean, least 1 % below "
          "| said the same |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    told = []
    for clip in sorted(file for file in Path(sys.argv[1]).iterdir() if file.is_file()):
        same, every, live = compare(clip, predictor)
        ms = [1000 * way.took / same.frames for way in (every, live)]
        low = np.quantile(same.overlaps, 0.01) if same.overlaps else float("nan")
        looked = 100 * live.finder.looked / same.frames
        print(f"| {clip.name} | {same.frames} | {looked:.0f} % | {ms[0]:.1f}, {ms[1]:.1f} | "
              f"{same.faces} | {len(same.overlaps)} (+{same.extra}) | {mean(same.overlaps or [0]):.3f}, {low:.3f} | "
              f"{100 * same.said / max(1, len(same.overlaps)):.2f} % |", flush=True)  # fmt: skip
        told.append(f"{clip.name}: {events(every)}; now {events(live)}")
    print("\nEvents (label, seconds) where the detector has every frame, and now:", *told, sep="\n")


def _nearest(own: Followed, found: Sequence[Followed]) -> Followed | None:
    nearest = max(found, key=lambda other: overlap(own.reading.box, other.reading.box), default=None)
    return nearest if nearest and overlap(own.reading.box, nearest.reading.box) > _SAME else None


def _said(person: Followed) -> tuple[str, str, bool]:
    return person.state.value, person.reading.label.value, person.reading.passes


if __name__ == "__main__":
    main()
