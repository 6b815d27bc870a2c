"""How a network does on people and cameras that its training never saw: five clips, their faces labelled here by eye.

    python -m benchmarks.clips CLIPS [MODEL]

CLIPS is the folder of the clips; MODEL is the starter unless named. Every fifth frame is classified as Live classifies
it, frame by frame and nothing smoothed. Seconds in which a mask is on its way up or down have no label. Nobody in the
clips wears a mask wrongly; wrong_mask is an error here wherever it is said.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.data.faces.detector import FaceFinder
from core.inference.predictor import Predictor, Reading, read_faces
from core.live.media.sources import open_source
from core.schema.labels import Label
from core.store import paths

_EVERY = 5
_MASK, _BARE = Label.MASK, Label.NO_MASK
_FIVE = "five_people_mask_on_off.mp4"
# A painting hangs behind the five people; its faces are narrower, in pixels, than theirs.
_PAINTED = 50


@dataclass(frozen=True)
class Seen:
    """Who is where (share of the picture's width in which the middle of the face lies) and what, from second to
    second."""

    clip: str
    who: str
    across: tuple[float, float]
    label: Label
    seconds: tuple[float, float]


_ALL = (0.0, 1.0)
TRUTH = (
    Seen(_FIVE, "man on the left", (0.2, 0.38), _BARE, (0, 1.0)),
    Seen(_FIVE, "man on the left, looks down", (0.2, 0.38), _BARE, (6.0, 9.3)),
    Seen(_FIVE, "man on the left", (0.2, 0.38), _MASK, (11.5, 17)),
    Seen(_FIVE, "woman in front", (0.42, 0.51), _BARE, (0, 1.0)),
    Seen(_FIVE, "woman in front", (0.42, 0.51), _MASK, (3.0, 17)),
    Seen(_FIVE, "man behind", (0.57, 0.68), _BARE, (0, 1.2)),
    Seen(_FIVE, "man behind", (0.57, 0.68), _MASK, (2.8, 17)),
    Seen(_FIVE, "woman on the right", (0.7, 0.9), _BARE, (0, 1.0)),
    Seen(_FIVE, "woman on the right", (0.7, 0.9), _MASK, (2.8, 17)),
    Seen("putting_mask_on.mp4", "woman", _ALL, _BARE, (0, 0.35)),
    Seen("putting_mask_on.mp4", "woman, hands at the mask", _ALL, _MASK, (4.0, 8.4)),
    Seen("putting_mask_on.mp4", "woman", _ALL, _MASK, (8.4, 10)),
    Seen("mask_at_laptop.mp4", "woman, looks down", _ALL, _MASK, (0, 10)),
    Seen("no_mask_man.mp4", "man with a beard", _ALL, _BARE, (0, 9)),
    Seen("no_mask_hand_at_mouth.mkv", "man", _ALL, _BARE, (0, 0.4)),
    Seen("no_mask_hand_at_mouth.mkv", "man, hand at the mouth", _ALL, _BARE, (0.45, 1.2)),
)


def main() -> None:
    """Print a row per person and label, and the recall of each label over people."""
    folder, model = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else paths.STARTER_FILE
    predictor = Predictor(model)
    said: dict[Seen, Counter[Label]] = {own: Counter() for own in TRUTH}
    for clip in sorted({own.clip for own in TRUTH}):
        _read(folder / clip, predictor, said)
    _print(said)


def _read(clip: Path, predictor: Predictor, said: dict[Seen, Counter[Label]]) -> None:
    finder = FaceFinder()
    with closing(open_source(str(clip)).frames) as frames:
        for frame in frames:
            if frame.index % _EVERY:
                continue
            for reading in read_faces(frame.pixels, finder, predictor):
                for own in _who(clip.name, frame.time, reading, frame.pixels.shape[1]):
                    said[own][reading.label] += 1


def _who(clip: str, time: float, reading: Reading, width: int) -> list[Seen]:
    x0, _, x1, _ = reading.box
    if clip == _FIVE and x1 - x0 < _PAINTED:
        return []
    middle = (x0 + x1) / 2 / width
    return [
        own for own in TRUTH
        if own.clip == clip and own.across[0] <= middle <= own.across[1] and own.seconds[0] <= time < own.seconds[1]
    ]  # fmt: skip


def _print(said: dict[Seen, Counter[Label]]) -> None:
    print("| clip | person | label | faces | right | called |\n|---|---|---|---|---|---|")
    shares: dict[Label, list[float]] = {_MASK: [], _BARE: []}
    for own, counts in said.items():
        total = counts.total()
        if not total:
            print(f"| {own.clip} | {own.who} | {own.label} | 0 | - | no face was found |")
            continue
        shares[own.label].append(counts[own.label] / total)
        wrong = ", ".join(f"{label} {n}" for label, n in counts.most_common() if label is not own.label)
        print(f"| {own.clip} | {own.who} | {own.label} | {total} | {100 * shares[own.label][-1]:.0f} % | {wrong} |")
    for label, own in shares.items():
        print(f"{label}: {100 * sum(own) / len(own):.1f} % right, each row counting the same")


if __name__ == "__main__":
    main()
