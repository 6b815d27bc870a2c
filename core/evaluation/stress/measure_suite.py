"""How a network does when photos get worse: every kind of disturbance and every occluder at five severities, on the
same photos, with the answer to each photo kept so that two networks can be compared on them.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data import disturb as disturbances
from core.data.dataset.split import Row
from core.data.disturb import KINDS, SEVERITIES
from core.data.faces import landmarks as marks
from core.data.faces.landmarks import Marks
from core.evaluation.stress.suite import CLEAN, Cell, Suite, encode
from core.inference import labelled_photos as decoded
from core.inference.predictor import Predictor
from core.inference.runtimes import kinds
from core.schema.errors import UserError
from core.schema.labels import BARE, COMPLIANT, Label

PHOTOS = 500
# Small batches stay in the processor's cache.
_BATCH = 8
# What is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class _Photo:
    """A decoded photo, uint8 (S, S, 3), and where its face is."""

    row: Row
    square: np.ndarray
    marks: Marks | None


def run_suite(
    predictor: Predictor, root: Path, rows: Sequence[Row], photos: int = PHOTOS, seed: int = 0,
    progress: Progress | None = None,
) -> Suite:  # fmt: skip
    """Classify at most so many of these photos under every kind and severity; deterministic by seed.

    What covers the mouth is shown on bare faces only, whose label it does not change; what else needs to know where the
    face is wherever one was found, the rest on every photo. Raises UserError when there is no usable photo of the
    network's labels.
    """
    started = time.monotonic()
    drawn = draw([row for row in rows if row.label in predictor.labels], photos, seed)
    material = _decode(predictor, root, drawn, progress)
    if not material:
        raise UserError(f"{root} has no usable photo of {' or '.join(predictor.labels)}.")
    cells = _cells(predictor, material, seed, progress)
    return Suite(
        model=predictor.path.name,
        run=predictor.info.run,
        dataset=str(root.resolve()),
        labels=predictor.labels,
        files=tuple(photo.row.file for photo in material),
        true=np.array([str(photo.row.label) for photo in material]),
        groups=np.array([photo.row.group or photo.row.file for photo in material]),
        cells=cells,
        seed=seed,
        seconds=time.monotonic() - started,
        threshold=predictor.operating_point.threshold,
    )


def draw(rows: Sequence[Row], most: int, seed: int) -> list[Row]:
    """At most so many photos, as evenly from each label as there are; the same photo is drawn from any set of its
    dataset before the same others, so that two runs' suites share what their test photos share."""
    waiting = {label: sorted(_of(rows, label), key=lambda row: _order(row, seed)) for label in Label}
    chosen: list[Row] = []
    while len(chosen) < most and any(waiting.values()):
        for own in waiting.values():
            if own and len(chosen) < most:
                chosen.append(own.pop(0))
    return sorted(chosen, key=lambda row: row.file)


def asked(kind: str, label: Label, found: Marks | None) -> bool:
    """Whether a kind can be shown on a photo of this label without changing what the label should be."""
    own = KINDS[kind]
    return (found is not None or not own.needs_face) and (label is BARE or not own.covers_mouth)


def disturb(kind: str, severity: int, square: np.ndarray, found: Marks | None, file: str, seed: int = 0) -> np.ndarray:
    """The photo's resized input, uint8 (S, S, 3), under a kind and severity: always the same for the same file and
    seed."""
    rng = np.random.default_rng([seed, zlib.crc32(file.encode()), zlib.crc32(kind.encode()), severity])
    return disturbances.apply(kind, square, severity, rng, found)


def estimate(predictor: Predictor, rows: Sequence[Row], photos: int = PHOTOS) -> float:
    """Seconds that the suite will take on these photos on this machine, from a few batches."""
    drawn = draw([row for row in rows if row.label in predictor.labels], photos, 0)
    bare = sum(row.label is BARE for row in drawn)
    covering = sum(kind.covers_mouth for kind in KINDS.values())
    passes = len(SEVERITIES) * (len(drawn) * (len(KINDS) - covering) + bare * covering)
    side = predictor.image_size
    batch = np.zeros((_BATCH, side, side, 3), np.uint8)
    _seconds(predictor, batch)
    # The best of three: a machine that is busy for a moment is not busy for minutes.
    return passes / _BATCH * min(_seconds(predictor, batch) for _ in range(3))


def _seconds(predictor: Predictor, batch: np.ndarray) -> float:
    started = time.monotonic()
    predictor.of_squares(batch)
    return time.monotonic() - started


def _cells(predictor: Predictor, material: list[_Photo], seed: int, progress: Progress | None) -> tuple[Cell, ...]:
    plan = [(CLEAN, 0)] + [(kind, severity) for kind in KINDS for severity in SEVERITIES]
    asks = [
        (place, [n for n, photo in enumerate(material) if kind == CLEAN or asked(kind, photo.row.label, photo.marks)])
        for place, (kind, _) in enumerate(plan)
    ]
    tasks = [(place, own[start : start + _BATCH]) for place, own in asks for start in range(0, len(own), _BATCH)]
    # "-" is a photo that this kind is not shown on.
    outcomes = np.full((len(plan), len(material)), "-")
    total, done = sum(len(batch) for _, batch in tasks), 0
    with closing(_answers(predictor, material, plan, tasks, seed)) as answers:
        for place, batch, answer in answers:
            outcomes[place, batch] = answer
            done += len(batch)
            if progress:
                progress("Classifying", done, total)
    return tuple(
        Cell(kind, severity, "".join(outcome)) for (kind, severity), outcome in zip(plan, outcomes, strict=True)
    )


def _answers(
    predictor: Predictor, material: list[_Photo], plan: list[tuple[str, int]], tasks: list[tuple[int, list[int]]],
    seed: int,
) -> Generator[tuple[int, list[int], list[str]]]:  # fmt: skip
    """Each task with its photos' outcomes, in order. One thread disturbs the next photos while another's are
    classified."""

    def answer(task: tuple[int, list[int]]) -> list[str]:
        kind, severity = plan[task[0]]
        chosen = [material[index] for index in task[1]]
        squares = [
            photo.square if kind == CLEAN else disturb(kind, severity, photo.square, photo.marks, photo.row.file, seed)
            for photo in chosen
        ]
        probability = predictor.of_squares(np.stack(squares))
        guess = [predictor.labels[index] for index in probability.argmax(axis=1)]
        passes = predictor.operating_point.passes(probability[:, predictor.labels.index(COMPLIANT)])
        return [
            encode(label == photo.row.label, bool(passed))
            for photo, label, passed in zip(chosen, guess, passes, strict=True)
        ]

    pool = ThreadPoolExecutor(kinds.threads())
    try:
        for task, outcome in zip(tasks, pool.map(answer, tasks), strict=True):
            yield *task, outcome
    finally:
        pool.shutdown(cancel_futures=True)


def _decode(predictor: Predictor, root: Path, rows: Sequence[Row], progress: Progress | None) -> list[_Photo]:
    def finding(done: int, total: int) -> None:
        if progress:
            progress("Finding faces", done, total)

    found = marks.find(root, [row.file for row in rows], finding)
    return [
        _Photo(row, square, found[row.file])
        for used, squares, _ in decoded.batches(root, rows, predictor.image_size)
        for row, square in zip(used, squares, strict=True)
    ]


def _of(rows: Sequence[Row], label: Label) -> list[Row]:
    return [row for row in rows if row.label is label]


def _order(row: Row, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {row.file}".encode(), digest_size=8).digest()
