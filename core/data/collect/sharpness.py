"""How sharp the face is in each photo of a dataset, as the camera's judge measures it: once per file, in a background
process (`python -m core.data.collect.sharpness DATASET FOLDER`), since finding the face takes a while."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from core.data.collect import photo_list
from core.data.collect.photo_list import Item
from core.data.faces import attributes
from core.store import jobs
from core.store.jobs import Job, Progress

# Kept after each so many: as many as are lost where the process is killed.
_CHUNK = 2000
# Photos per second, on two cores with nothing else to do.
_SPEED = 40


def known(root: Path, items: Iterable[Item]) -> dict[str, float | None]:
    """File -> variance of the Laplacian (attributes.Traits.sharpness) of those that were measured as they are now; None
    of one that can't be decoded."""
    return attributes.sharpness(root, {item.file: (item.size, item.changed, item.inode) for item in items})


def job_of(root: Path) -> Job:
    """The job that measures a dataset's photos."""
    return jobs.about("sharpness", str(root.resolve()))


def start(root: Path) -> None:
    """Measure in the background those that aren't measured yet, if that isn't under way. Raises UserError as Job.start
    does."""
    jobs.start_once(job_of(root), "core.data.collect.sharpness", str(root.resolve()))


def estimate(photos: int) -> float:
    """Seconds that so many photos take."""
    return 3 + photos / _SPEED


def measure(root: Path, progress: Progress) -> int:
    """Measure all that aren't yet, and return how many photos there are. Raises UserError for a folder that is no
    dataset."""
    files = [item.file for item in photo_list.read(root)]

    def told(before: int, looks: int, _: int) -> None:
        # Two looks per photo: one for its face, one for its traits.
        progress("Measuring sharpness", before + looks // 2, len(files))

    for start in range(0, len(files), _CHUNK):
        attributes.find(root, files[start : start + _CHUNK], partial(told, start))
    return len(files)


def main() -> None:
    """Entry of the background process."""
    root, folder = map(Path, sys.argv[1:])
    # Trainings and Live come first.
    os.nice(10)
    jobs.work(Job(folder), lambda progress: f"{measure(root, progress):,} photos")


if __name__ == "__main__":
    main()
