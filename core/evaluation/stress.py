"""How a network does when photos get worse: every kind of disturbance and every occluder at five severities, on the
same photos, with the answer to each photo kept so that two networks can be compared on them.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data import corrupt, marks, occlude
from core.data.corrupt import SEVERITIES
from core.data.marks import Marks
from core.data.split import Row
from core.errors import UserError
from core.evaluation.stress_suite import CLEAN, Cell, Suite, encode
from core.labels import Label
from core.networks.files import Trained

if TYPE_CHECKING:
    import torch

PHOTOS = 500
KINDS = corrupt.KINDS | occlude.KINDS
# Small batches stay in the processor's cache (MobileNet at 160 pixels: 104 photos a second and core, with 32 only 70).
_BATCH = 8
# What is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Photo:
    """A decoded photo, uint8 (S, S, 3), and where its face is."""

    row: Row
    square: np.ndarray
    marks: Marks | None


def run_suite(
    trained: Trained, root: Path, rows: Sequence[Row], photos: int = PHOTOS, seed: int = 0,
    progress: Progress | None = None,
) -> Suite:  # fmt: skip
    """Classify at most so many of these photos under every kind and severity; deterministic by seed.

    What covers the mouth is shown on bare faces only, whose label it does not change; sunglasses and the busy
    background wherever a face was found, all else on every photo. Raises UserError when there is no usable photo of the
    network's labels.
    """
    started = time.monotonic()
    drawn = draw([row for row in rows if row.label in trained.labels], photos, seed)
    material = _decode(trained, root, drawn, progress)
    if not material:
        raise UserError(f"{root} has no usable photo of {' or '.join(trained.labels)}.")
    cells = _cells(_quick(trained), material, seed, progress)
    return Suite(
        model=trained.path.name,
        run=str(trained.numbers.get("run", "")),
        dataset=str(root.resolve()),
        labels=trained.labels,
        files=tuple(photo.row.file for photo in material),
        true=np.array([str(photo.row.label) for photo in material]),
        groups=np.array([photo.row.group or photo.row.file for photo in material]),
        cells=cells,
        seed=seed,
        seconds=time.monotonic() - started,
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
    if kind in occlude.KINDS:
        return found is not None and (label is Label.NO_MASK or not occlude.KINDS[kind].over_mouth)
    return found is not None or not corrupt.KINDS[kind].needs_face


def disturb(kind: str, severity: int, square: np.ndarray, found: Marks | None, file: str, seed: int = 0) -> np.ndarray:
    """The photo's square, uint8 (S, S, 3), under a kind and severity: always the same for the same file and seed."""
    rng = np.random.default_rng([seed, zlib.crc32(file.encode()), zlib.crc32(kind.encode()), severity])
    change = occlude.apply if kind in occlude.KINDS else corrupt.apply
    return change(kind, square, severity, rng, found)


def estimate(trained: Trained, rows: Sequence[Row], photos: int = PHOTOS) -> float:
    """Seconds that the suite will take on these photos on this machine, from a few batches."""
    import torch  # noqa: PLC0415

    quick, drawn = _quick(trained), draw([row for row in rows if row.label in trained.labels], photos, 0)
    bare = sum(row.label is Label.NO_MASK for row in drawn)
    over_mouth = sum(kind.over_mouth for kind in occlude.KINDS.values())
    passes = len(SEVERITIES) * (len(drawn) * (len(KINDS) - over_mouth) + bare * over_mouth)
    side = trained.preprocessing.image_size
    batch = torch.zeros(_BATCH, 3, side, side, dtype=torch.uint8)
    _seconds(quick, batch)
    # The best of three: a machine that is busy for a moment is not busy for minutes.
    seconds = min(_seconds(quick, batch) for _ in range(3))
    # Disturbing the photos takes about a tenth of the time again.
    return 1.1 * passes / _BATCH * seconds


def _seconds(trained: Trained, batch: torch.Tensor) -> float:
    from core.evaluation.predict import probabilities  # noqa: PLC0415

    started = time.monotonic()
    probabilities(trained, batch)
    return time.monotonic() - started


def _quick(trained: Trained) -> Trained:
    """The same network with each BatchNorm folded into the convolution before it (MobileNet: 1.8 times as fast)."""
    from torch.fx.experimental.optimization import fuse  # noqa: PLC0415

    return replace(trained, network=fuse(trained.network))


def _cells(trained: Trained, material: list[_Photo], seed: int, progress: Progress | None) -> tuple[Cell, ...]:
    plan = [(CLEAN, 0)] + [(kind, severity) for kind in KINDS for severity in SEVERITIES]
    asks = [
        (place, [n for n, photo in enumerate(material) if kind == CLEAN or asked(kind, photo.row.label, photo.marks)])
        for place, (kind, _) in enumerate(plan)
    ]
    tasks = [(place, own[start : start + _BATCH]) for place, own in asks for start in range(0, len(own), _BATCH)]
    # "-" is a photo that this kind is not shown on.
    outcomes = np.full((len(plan), len(material)), "-")
    total, done = sum(len(batch) for _, batch in tasks), 0
    with closing(_answers(trained, material, plan, tasks, seed)) as answers:
        for place, batch, answer in answers:
            outcomes[place, batch] = answer
            done += len(batch)
            if progress:
                progress("Classifying", done, total)
    return tuple(
        Cell(kind, severity, "".join(outcome)) for (kind, severity), outcome in zip(plan, outcomes, strict=True)
    )


def _answers(
    trained: Trained, material: list[_Photo], plan: list[tuple[str, int]], tasks: list[tuple[int, list[int]]], seed: int
) -> Iterator[tuple[int, list[int], list[str]]]:
    """Each task with its photos' outcomes, in order, from as many threads as torch would use for one batch."""
    import torch  # noqa: PLC0415

    from core.evaluation.predict import probabilities  # noqa: PLC0415

    def answer(task: tuple[int, list[int]]) -> list[str]:
        kind, severity = plan[task[0]]
        chosen = [material[index] for index in task[1]]
        squares = [
            photo.square if kind == CLEAN else disturb(kind, severity, photo.square, photo.marks, photo.row.file, seed)
            for photo in chosen
        ]
        pixels = torch.from_numpy(np.stack(squares).transpose(0, 3, 1, 2).copy())
        probability = probabilities(trained, pixels)
        guess = [trained.labels[index] for index in probability.argmax(axis=1)]
        passes = trained.operating_point.passes(probability[:, trained.labels.index(Label.MASK)])
        return [
            encode(label == photo.row.label, bool(passed))
            for photo, label, passed in zip(chosen, guess, passes, strict=True)
        ]

    threads = torch.get_num_threads()
    # A thread of torch's own for each batch: whole batches side by side are quicker than one batch in shares.
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        for task, outcome in zip(tasks, pool.map(answer, tasks), strict=True):
            yield *task, outcome
    finally:
        pool.shutdown(cancel_futures=True)


def _decode(trained: Trained, root: Path, rows: Sequence[Row], progress: Progress | None) -> list[_Photo]:
    from core.data.dataset import FacePhotos  # noqa: PLC0415

    def finding(done: int, total: int) -> None:
        if progress:
            progress("Finding faces", done, total)

    found = marks.find(root, [row.file for row in rows], finding)
    batch = FacePhotos(root, rows, trained.labels, trained.preprocessing).load(range(len(rows)))
    squares = np.ascontiguousarray(batch.pixels.numpy().transpose(0, 2, 3, 1))
    used = [rows[item] for item in batch.items]
    return [_Photo(row, square, found[row.file]) for row, square in zip(used, squares, strict=True)]


def _of(rows: Sequence[Row], label: Label) -> list[Row]:
    return [row for row in rows if row.label is label]


def _order(row: Row, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {row.file}".encode(), digest_size=8).digest()
