"""Bare faces of a source that a network never saw, behind things in the stress suite's designs: the share that is still
called no_mask.

    python -m benchmarks.behind_things RUN [RUN ...]

One row for each run of this home that leaves a source out: its clean test photos (balanced accuracy, recall by label),
then each kind of thing at severities 2 and 4 on at most 200 of its bare ones whose face is found.
"""

from __future__ import annotations

import sys
from statistics import fmean

import numpy as np

from core.data.disturb import OCCLUDERS
from core.data.faces import landmarks
from core.evaluation.stress import measure_suite, worker
from core.inference import labelled_photos
from core.inference.predictor import Predictor
from core.schema.labels import BARE
from core.store import runs
from core.store.runs import Run

PHOTOS, SEVERITIES, BATCH = 200, (2, 4), 8
THINGS = {name: kind.title.lower() for name, kind in OCCLUDERS.items() if kind.covers_mouth}


def main(ids: list[str]) -> None:
    """Print the table."""
    print("| run | clean | recall by label | " + " | ".join([*THINGS.values(), "mean"]) + " |")
    print("|" + "---|" * (len(THINGS) + 4))
    for run_id in ids:
        print(_row(runs.get(run_id)), flush=True)


def _row(run: Run) -> str:
    report = run.report()
    if report is None:
        sys.exit(f"{run.id} has not finished.")
    known = {label: own.recall for label, own in report.test.per_class.items() if own.recall is not None}
    recalls = (f"{label} {100 * recall:.1f}" for label, recall in known.items())
    shares = [*_shares(run).values()]
    numbers = (f"{100 * share:.1f}" for share in (*shares, fmean(shares)))
    return f"| {run.id} | {100 * report.test.balanced_accuracy:.1f} | {', '.join(recalls)} | {' | '.join(numbers)} |"


def _shares(run: Run) -> dict[str, float]:
    network, root = worker.network(run), run.config.folder
    rows = measure_suite.draw([row for row in worker.test_photos(run) if row.label is BARE], PHOTOS, 0)
    marks = landmarks.find(root, [row.file for row in rows])
    photos = [
        (row.file, square)
        for used, squares, _ in labelled_photos.batches(root, rows, network.image_size)
        for row, square in zip(used, squares, strict=True) if marks[row.file]
    ]  # fmt: skip
    return {
        kind: _bare(network, [
            measure_suite.disturb(kind, severity, square, marks[file], file)
            for severity in SEVERITIES for file, square in photos
        ])
        for kind in THINGS
    }  # fmt: skip


def _bare(network: Predictor, squares: list[np.ndarray]) -> float:
    """The share of squares that is called no_mask."""
    place = network.labels.index(BARE)
    batches = (np.stack(squares[start : start + BATCH]) for start in range(0, len(squares), BATCH))
    return fmean(float(guess == place) for batch in batches for guess in network.of_squares(batch).argmax(axis=1))


if __name__ == "__main__":
    main(sys.argv[1:])
