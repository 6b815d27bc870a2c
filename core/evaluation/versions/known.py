"""The versions of a dataset that its runs were given."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.data.dataset.versions import manifest
from core.data.dataset.versions.manifest import Head, Version
from core.schema.errors import UserError
from core.schema.run_report import PhotosVersion
from core.store import runs
from core.store.runs import Run

_ID = re.compile(r"[0-9a-f]{4,32}")


@dataclass(frozen=True)
class Known:
    """A version, and the runs that were given it, the newest first."""

    head: Head
    runs: tuple[Run, ...]


def of_dataset(root: Path) -> list[Known]:
    """The versions of a dataset that its runs tell, the newest first."""
    by_id: dict[str, list[Run]] = defaultdict(list)
    heads: dict[str, Head] = {}
    for run in runs_of(root):
        if head := manifest.head(run.version_file):
            by_id[head.id].append(run)
            # The first time that it was seen.
            heads[head.id] = min(heads.get(head.id, head), head, key=lambda one: one.when)
    found = [Known(head, tuple(by_id[head.id])) for head in heads.values()]
    return sorted(found, key=lambda known: known.head.when, reverse=True)


def runs_of(root: Path) -> list[Run]:
    """The runs on the photos of a folder, the newest first."""
    root, found = root.resolve(), []
    for run in runs.every():
        # What can't be read is not of a dataset that can be told.
        with suppress(UserError):
            if run.config.folder.resolve() == root:
                found.append(run)
    return found


def of_run(run: Run) -> Head | PhotosVersion | None:
    """Which version a run was given; None before its training has begun, and of a run of an older release."""
    if head := manifest.head(run.version_file):
        return head
    with suppress(UserError):
        report = run.report()
        return report.version if report else None
    return None


def read(run: Run) -> Version:
    """The version that a run was given, with its photos. Raises UserError where that was not written down, or is
    damaged."""
    found = manifest.read(run.version_file)
    if found is None:
        raise UserError(f"{run.id} does not tell which photos it was given: it is older than that, or has not begun.")
    return found


def find(name: str) -> Version:
    """The version that a run was given, by the run's id, or the one whose id begins so. Raises UserError where there is
    none, or several."""
    with suppress(UserError):
        return read(runs.get(name))
    if _ID.fullmatch(name):
        heads = {run: head for run in runs.every() if (head := manifest.head(run.version_file))}
        fitting = {head.id: run for run, head in heads.items() if head.id.startswith(name)}
        if len(fitting) == 1:
            return read(next(iter(fitting.values())))
        if fitting:
            raise UserError(f"{len(fitting)} versions begin with {name}: type more of it. {_some(fitting)}")
    else:
        # Says what is wrong with that run.
        read(runs.get(name))
    raise UserError(f"No run was given a version {name!r}: `versions DATASET` lists those that are known.")


def _some(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids)[:4])
