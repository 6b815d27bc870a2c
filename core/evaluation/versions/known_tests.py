"""Which faces are nearly a test photo of a run of their dataset: learning from one would spoil what that run is
compared by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.dataset import split as splits
from core.data.dataset.near_duplicates import NEAR_BITS
from core.data.dataset.scan import Scan
from core.evaluation.versions import known
from core.schema.errors import UserError
from core.store.runs import Run


@dataclass(frozen=True)
class KnownTests:
    """The n test photos of a dataset's runs that are there: their `files`, perceptual `hashes` (n,) of uint64, and the
    names of the `runs` that tested each, the newest first."""

    files: tuple[str, ...]
    hashes: np.ndarray
    runs: tuple[tuple[str, ...], ...]

    def nearest(self, phash: str) -> tuple[str, tuple[str, ...]] | None:
        """(file, names of runs) of the test photo that a face is nearly the same picture as; `phash` is the face's, as
        16 hexadecimal digits, or empty where that is not known. None where there is no such photo."""
        if not phash or not len(self.hashes):
            return None
        apart = np.bitwise_count(self.hashes ^ np.uint64(int(phash, 16)))
        place = int(apart.argmin())
        return (self.files[place], self.runs[place]) if apart[place] <= NEAR_BITS else None


def of_runs(runs: Sequence[Run], scan: Scan) -> KnownTests:
    """Of these runs of the dataset that was scanned."""
    tested: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        # A split that can't be read tells nothing.
        with suppress(UserError):
            for row in splits.read(run.split_file):
                if row.part == splits.PARTS[2]:
                    tested[row.file].append(run.name)
    photos = [photo for photo in scan.photos if photo.file in tested]
    return KnownTests(
        tuple(photo.file for photo in photos),
        np.array([int(photo.phash, 16) for photo in photos], dtype=np.uint64),
        tuple(tuple(dict.fromkeys(tested[photo.file])) for photo in photos),
    )


def splits_of(root: Path) -> dict[Run, int]:
    """The runs of a dataset that have a split, the newest first, with the time at which it was written (ns)."""
    found = {}
    for run in known.runs_of(root):
        with suppress(OSError):
            found[run] = run.split_file.stat().st_mtime_ns
    return found
