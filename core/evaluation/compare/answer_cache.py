"""What a network says of photos that its own run did not test, kept under cache/ until the model file or a photo
changes: so Compare shows it again without torch. `python -m core.evaluation.compare.answer_cache` finds it out in a
process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from core.data.dataset.scan_cache import Record
from core.data.dataset.split import Row
from core.networks import checkpoint
from core.schema.labels import Label
from core.store import paths

# Raised when what is kept changes.
_RECORD = 1
# Threads of torch that wait for each other spinning take ten times as long beside other work.
_NO_SPINNING = {"OMP_WAIT_POLICY": "passive"}
Progress = Callable[[int, int], object]


def of(model: Path, root: Path, rows: Sequence[Row], progress: Progress | None = None) -> tuple[list[Row], np.ndarray]:
    """(usable rows, calibrated probabilities (n, classes)) of a model file for photos under `root`. Raises UserError
    for a model file that can't be used."""
    record = _record(model, root)
    waiting = set(record.unknown([row.file for row in rows]))
    said: dict[str, list[float]] = {}
    if waiting:
        from core.evaluation.one_run.predict import predict

        new = [row for row in rows if row.file in waiting]
        used, probability, _ = predict(checkpoint.load(model), root, new, progress)
        said = {row.file: own for row, own in zip(used, probability.tolist(), strict=True)}
    found = [(row, record.of(row.file, partial(_said, said=said, file=row.file))) for row in rows]
    record.write()
    usable = [(row, own) for row, own in found if own]
    return [row for row, _ in usable], np.array([own for _, own in usable])


def in_process(model: Path, root: Path, rows: Sequence[Row]) -> tuple[list[Row], np.ndarray]:
    """The same for a page, whose server need not hold torch for it: what is not kept yet is found by a process."""
    if _record(model, root).unknown([row.file for row in rows]):
        told = json.dumps({"model": str(model), "root": str(root), "rows": [asdict(row) for row in rows]})
        # Where it fails, the same work here says why.
        subprocess.run(
            [sys.executable, "-m", "core.evaluation.compare.answer_cache"], input=told, text=True, cwd=paths.PROJECT,
            check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | _NO_SPINNING,
        )  # fmt: skip
    return of(model, root, rows)


def _said(path: Path, said: Mapping[str, list[float]], file: str) -> list[float] | None:
    return said.get(file)


def _record(model: Path, root: Path) -> Record:
    """Raises UserError for a model file that is not there."""
    if not model.is_file():
        checkpoint.load(model)
    status = model.stat()
    key = repr((str(model.resolve()), status.st_size, status.st_mtime_ns))
    return Record(f"answers/{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}", _RECORD, root.resolve())


def main() -> None:
    """Entry of the process."""
    told = json.loads(sys.stdin.read())
    rows = [Row(**row | {"label": Label(row["label"])}) for row in told["rows"]]
    of(Path(told["model"]), Path(told["root"]), rows)


if __name__ == "__main__":
    main()
