"""Start, stop and resume the background processes of runs; refuse early what can't work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import psutil

from core.data.dataset import split as splits
from core.data.dataset.label_folders import label_folders
from core.data.dataset.scan import Progress, Scan, scan
from core.data.dataset.versions import photos_of
from core.data.dataset.versions.manifest import Version
from core.evaluation.versions import known
from core.evaluation.wording import version_words
from core.networks import pretrained
from core.schema.effects import Effect
from core.schema.errors import UserError
from core.schema.train_config import TrainConfig, values_affecting
from core.store import processes, runs
from core.store.job_state import State
from core.store.runs import Run
from core.training import prepare

_STOP_SECONDS = 20
# glibc would give each large tensor's memory back to the system and ask for it anew in the next step; other systems do
# not read these. benchmarks/kept_memory.py measures what it is worth.
KEPT_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}


Answer = TypeVar("Answer")


class MissingError(UserError):
    """Photos of the version that a training is asked for are gone or changed: `files` is file -> why."""

    def __init__(self, files: Mapping[str, str], version: Version) -> None:
        super().__init__(version_words.missing(files, version.head.photos, version.id))
        self.files = files


class Check:
    """Looks whether trainings can work, each thing once for all that share it: looking for a network, or at many
    photos, may take seconds. Photos of a version that are gone or changed are refused unless `without_missing`."""

    def __init__(self, progress: Progress | None = None, without_missing: bool = False) -> None:
        self._progress, self._without_missing = progress, without_missing
        self._scans: dict[Path, Scan] = {}
        self._answers: dict[tuple[object, ...], Any] = {}
        self._known: dict[tuple[object, ...], frozenset[str]] = {}

    def start(self, config: TrainConfig) -> None:
        """Look at the path and the starting weights. Raises UserError for what the user must put right."""
        self._once((config.folder, *values_affecting(config, Effect.START)), _start, config)

    def photos(self, config: TrainConfig) -> int:
        """Labels that it would train on. Raises UserError when the photos can't be split as it says."""
        return self._once(values_affecting(config, Effect.SPLIT | Effect.START), self._classes, config)

    def _once(self, key: tuple[object, ...], look: Callable[[TrainConfig], Answer], config: TrainConfig) -> Answer:
        if key not in self._answers:
            try:
                self._answers[key] = look(config)
            except UserError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _classes(self, config: TrainConfig) -> int:
        if config.folder not in self._scans:
            self._scans[config.folder] = scan(config.folder, self._progress)
        found = self._scans[config.folder]
        if config.version:
            found = self._of_version(found, known.find(config.version))
        rows = splits.of_config(found, config, self._seen(config))
        return len({row.label for row in rows})

    def _of_version(self, found: Scan, version: Version) -> Scan:
        those = photos_of.find(found, version)
        if those.missing and not self._without_missing:
            raise MissingError(those.missing, version)
        return those.scan

    def _seen(self, config: TrainConfig) -> frozenset[str]:
        """Digests of what the starting network has learnt from."""
        key = values_affecting(config, Effect.START)
        if key not in self._known:
            start = prepare.starting_point(config)
            self._known[key] = start.seen if start else frozenset()
        return self._known[key]


def start(config: TrainConfig, progress: Progress | None = None, without_missing: bool = False) -> Run:
    """Check the photos, the split and the weights, then start training in the background.

    Returns at once with the run. Raises UserError, before a run folder is made, for what the user must put right, and
    MissingError where photos of config.version are gone or changed, unless it may go on `without_missing`.
    """
    check = Check(progress, without_missing)
    check.start(config)
    run = runs.create(resolved(config), check.photos(config))
    try:
        begin(run)
    except UserError:
        # On a full disk a folder may stay, as a run that failed.
        with suppress(OSError, UserError):
            run.job.write(State("failed", "Not started"))
            runs.delete(run)
        raise
    return run


def resolved(config: TrainConfig) -> TrainConfig:
    """The config with the whole path of its photos and the whole id of their version, as a run keeps it. Raises
    UserError where there is no such version."""
    version = known.find(config.version).id if config.version else ""
    return config.model_copy(update={"dataset": str(config.folder.resolve()), "version": version})


def resume(run: Run) -> None:
    """Go on from the last finished epoch, at the end of the queue. Raises UserError unless the run was stopped or
    failed."""
    try:
        with run.lock():
            if not run.resumable:
                raise UserError(f"{run.id} is {run.state.status}: only a stopped or failed run can be resumed.")
            # Raises UserError where it can't be read: the trainer would exit unexpectedly.
            _ = run.config
            state = replace(run.state, status="queued", message="Resuming", ended=None)
            if ending := run.job.process():
                # It has said its last word, but not quite ended yet.
                processes.wait_for_end(ending, _STOP_SECONDS)
            run.job.keep_reserve()
            run.job.write(state)
            run.job.forget()
            _spawn(run)
    except OSError as error:
        raise UserError(f"{run.id} can't be resumed ({error.strerror}): free some space first.") from None


def stop(run: Run) -> None:
    """Ask the trainer to stop, and end it when it does not; the last checkpoint stays.

    Raises UserError when it is not active.
    """
    if process := ask_to_stop(run):
        processes.wait_for_end(process, _STOP_SECONDS)


def ask_to_stop(run: Run) -> psutil.Process | None:
    """Ask the trainer to stop without waiting for it, as a page does; returns its process, None of a run that was not
    begun yet and now won't be. Raises UserError when it is not active."""
    try:
        with run.lock():
            process = run.job.process()
            if not run.state.active:
                raise UserError(f"{run.id} is not running: there is nothing to stop.")
            run.job.ask_to_stop(process)
            if process is None:
                run.job.write(State("stopped", runs.STOPPED))
            return process
    except OSError as error:
        raise UserError(f"{run.id} can't be stopped ({error.strerror}): free some space first.") from None


def begin(run: Run) -> None:
    """Start the process of a new run, unless it was stopped meanwhile. Raises UserError on a full disk, and where the
    run is gone."""
    try:
        with run.lock():
            # After a pause, someone else may have taken it for a failed run and resumed it.
            if run.place is None and run.state.status != "stopped":
                _spawn(run)
    except OSError as error:
        raise UserError(f"The training can't be started ({error.strerror}).") from None


def _spawn(run: Run) -> None:
    """Raises OSError."""
    run.job.spawn("core.training.lifecycle.worker", defaults=KEPT_MEMORY)


def _start(config: TrainConfig) -> None:
    # In the order in which a user would want to hear of it.
    label_folders(config.folder)
    pretrained.check(config)
    prepare.starting_point(config)
