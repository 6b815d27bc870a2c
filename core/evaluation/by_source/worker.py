"""The background process that finds out how well a dataset's sources can be told apart: `python -m
core.evaluation.by_source.worker DATASET FOLDER`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from core.data.collect import sources
from core.data.dataset.split import find_groups
from core.evaluation.by_source import kept, signal
from core.evaluation.by_source.signal import Progress, Signal
from core.networks import pretrained
from core.schema.errors import UserError
from core.schema.train_config import IMAGENET, TrainConfig
from core.store import jobs
from core.store.jobs import Job

# Photos per second through a network, and seconds per photo of the classifiers, on two cores with nothing else to do.
_SPEED, _LEARNT = 100, 0.002
_START_SECONDS = 8
CONFIG = TrainConfig(dataset="-", weights=IMAGENET)
"""A training that starts from the weights that the features are made with."""


def job_of(root: Path) -> Job:
    """The job that finds it out for a dataset."""
    return jobs.about("sources", str(root.resolve()))


def start(root: Path) -> None:
    """Find it out in the background, if that isn't under way. Raises UserError as Job.start does."""
    jobs.start_once(job_of(root), "core.evaluation.by_source.worker", str(root.resolve()))


def estimate(photos: int) -> float:
    """Seconds that it takes for so many photos, none of which has been through the network."""
    return _START_SECONDS + photos / _SPEED + photos * _LEARNT


def without_weights() -> str:
    """What to do where there are no ImageNet weights."""
    file = pretrained.imagenet_file(CONFIG.backbone)
    return (
        f"Telling sources apart takes {CONFIG.backbone}'s ImageNet weights, which are not on this machine: put "
        f"{file.name} into {file.parent}."
    )


def find(root: Path, progress: Progress) -> Signal:
    """Find it out, and keep it. Raises UserError where there is nothing to tell apart, or no ImageNet weights."""
    from core.data.dataset import scan as scans
    from core.evaluation.label_issues import imagenet_features

    found = scans.scan(root, lambda done, total: progress("Reading photos", done, total))
    told, groups = sources.of_photos(found), find_groups(found).of
    asked, result = signal.drawn(found, told, groups)
    if not asked:
        raise UserError(
            f"No label of {root} has two sources with {signal.LEAST_PHOTOS} photos in {signal.LEAST_GROUPS} groups "
            "each, so how well sources can be told apart can't be measured."
        )
    files = [photo.file for photos in asked.values() for photo in photos]
    try:
        vectors = imagenet_features.find(
            found.root, files, lambda done, total: progress("Looking at photos", done, total)
        )
    except UserError as error:
        file = pretrained.imagenet_file(CONFIG.backbone)
        raise UserError(str(error) if file.is_file() else without_weights()) from None
    result = replace(result, labels=signal.measure(asked, vectors, told, groups, progress))
    kept.put(found.root, kept.key(found, told, groups), result)
    return result


def main() -> None:
    """Entry of the background process."""
    root, folder = map(Path, sys.argv[1:])
    # Trainings and Live come first.
    os.nice(10)

    def task(progress: Progress) -> str:
        find(root, progress)
        return "Done"

    jobs.work(Job(folder), task)


if __name__ == "__main__":
    main()
