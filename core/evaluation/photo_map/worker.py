"""The background process that draws a map: `python -m core.evaluation.photo_map.worker DATASET NETWORK FOLDER`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from core.data.dataset.scan import Scan
from core.evaluation.photo_map import kept
from core.schema.errors import UserError
from core.store import jobs
from core.store.jobs import Job, Progress

# Photos per second through a network, and seconds per photo of t-SNE, on two cores with nothing else to do.
_SPEED, _LAID_OUT = 100, 0.01
_START_SECONDS = 8


def job_of(root: Path, network: str) -> Job:
    """The job that draws the map of a dataset by a network."""
    return jobs.about("map", str(root.resolve()), network)


def start(root: Path, network: str) -> None:
    """Draw it in the background, if it isn't being drawn. Raises UserError as Job.start does."""
    jobs.start_once(job_of(root, network), "core.evaluation.photo_map.worker", str(root.resolve()), network)


def estimate(photos: int, new: int) -> float:
    """Seconds that a map of so many photos takes, of which `new` have not been through the network."""
    return _START_SECONDS + new / _SPEED + photos * _LAID_OUT


def draw(root: Path, network: str, progress: Progress) -> int:
    """Draw the map, keep it, and return how many photos are on it. Raises UserError where there are too few, and where
    the network can't be used."""
    from core.data.dataset import scan as scans
    from core.evaluation.photo_map import features, layout

    found = scans.scan(root, lambda done, total: progress("Reading photos", done, total))
    file_of = _files(found)
    vectors = features.find(
        found.root, network, file_of, lambda done, total: progress("Looking at photos", done, total)
    )
    digests = [digest for digest in file_of if digest in vectors]
    if len(digests) < kept.LEAST:
        raise UserError(f"A map takes {kept.LEAST} different photos at least; {root} has {len(digests)}.")
    progress("Laying them out", 0, 0)
    stacked = np.stack([vectors[digest] for digest in digests])
    places = layout.lay_out(stacked, lambda done, total: progress("Laying them out", done, total))
    # Nothing of photos that were deleted meanwhile.
    there = {digest: own for digest, own in zip(digests, places, strict=True) if (root / file_of[digest]).is_file()}
    kept.put_places(found.root, network, there)
    return len(there)


def _files(found: Scan) -> dict[str, str]:
    """Digest -> a file of that content, in the order of the map."""
    by_digest = {photo.digest: photo.file for photo in reversed(found.photos)}
    return {digest: by_digest[digest] for digest in kept.wanted({file: digest for digest, file in by_digest.items()})}


def main() -> None:
    """Entry of the background process."""
    root, network, folder = sys.argv[1:]
    # Trainings and Live come first.
    os.nice(10)
    jobs.work(Job(Path(folder)), lambda progress: f"{draw(Path(root), network, progress):,} photos")


if __name__ == "__main__":
    main()
