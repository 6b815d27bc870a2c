"""Training on a disk that is full: what is said, what is kept, and going on once there is room."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
import torch

from core.data.dataset.scan import scan
from core.schema.errors import UserError
from core.store import paths, runs, sweeps
from core.store.job_state import State
from core.training.lifecycle import launch
from core.training.lifecycle.worker import Worker
from core.training.sweeps import study, sweeper
from tests.fixtures.processes import (
    Finished,
    assert_same_learning,
    assert_same_weights,
    house,
    long_config,
    wait_until_over,
)
from tests.fixtures.small_disk import leave_free, small_disk
from tests.fixtures.support import tiny_config


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_a_full_disk(faces: Path, tmp_path: Path, finished_run: Finished):
    with small_disk(tmp_path / "disk", 48) as disk, house(disk):
        other = paths.runs_dir() / finished_run.run.id
        shutil.copytree(finished_run.run.folder, other)
        before = digests(other)
        # Room for one checkpoint of 6 MB, not for the draft of the second beside it.
        filler = leave_free(disk, 9_000_000)
        run = launch.start(long_config(faces))
        wait_until_over(run)
        assert run.state.status == "failed", run.state
        assert "disk is full" in run.state.message
        assert digests(other) == before
        assert not list(run.folder.glob("*.tmp"))
        kept = torch.load(run.checkpoint_file, weights_only=True)["progress"]["epoch"]
        assert kept == 1
        filler.unlink()
        launch.resume(run)
        wait_until_over(run)
        assert run.state.status == "finished", run.job.log_tail()
        assert_same_weights(run, finished_run.run)
        assert_same_learning(run, finished_run.run)
        assert digests(other) == before


def test_a_failed_resume_on_a_full_disk_is_told(faces: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        run = runs.create(tiny_config(faces), 3)
        run.job.write(State("failed", "The disk is full"))
        (run.folder / ".reserve").unlink()
        leave_free(disk, 0)
        with pytest.raises(UserError, match=r"can't be resumed \(No space left on device\): free some space"):
            launch.resume(run)
        assert run.state == State("failed", "The disk is full", updated=run.state.updated)


def test_no_run_is_half_made_on_a_full_disk(faces: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        paths.runs_dir()
        filler = leave_free(disk, 20_000)
        with pytest.raises(UserError, match=r"runs/ can't be written \(No space left on device\)"):
            launch.start(tiny_config(faces))
        assert runs.every() == []
        assert not [item for item in paths.runs_dir().iterdir() if item.is_dir()]
        filler.unlink()
        assert runs.create(tiny_config(faces), 3).state.status == "queued"


def test_a_sweep_that_does_not_fit_leaves_nothing_behind(faces: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        paths.runs_dir()
        scan(faces)
        planned = study.repeated(study.one(tiny_config(faces)), "repeats", 2)
        leave_free(disk, 0)
        with pytest.raises(UserError, match="No space left on device"):
            sweeper.start("Two seeds", "repeats", planned, [1.0, 1.0])
        assert runs.every() == [] and sweeps.every() == []


def test_the_last_word_is_written_on_a_full_disk(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    handler = signal.getsignal(signal.SIGTERM)
    with small_disk(tmp_path / "disk", 3) as disk, house(disk):
        run = runs.create(tiny_config(faces), 3)
        worker = Worker(run)
        leave_free(disk, 0)

        def fail():
            raise OSError(errno.ENOSPC, "No space left on device")

        # Unbuffered, as the log of a worker is.
        with os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0) as full, monkeypatch.context() as patch:
            for name in ("stdout", "stderr"):
                patch.setattr(sys, name, io.TextIOWrapper(full, write_through=True))
            patch.setattr(worker, "_machine", fail)
            worker.work()
        assert run.state.status == "failed"
        assert "disk is full" in run.state.message
    signal.signal(signal.SIGTERM, handler)
