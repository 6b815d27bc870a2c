"""The run folder read by others: whose process it is, damaged files, ids from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.schema.errors import UserError
from core.store import runs
from core.store.runs import METRICS
from tests.fixtures.support import tiny_config, wait_for


def test_delete_refuses_a_run_that_waits(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    with pytest.raises(UserError, match="still queued: stop it first"):
        runs.delete(run)
    assert run.folder.is_dir()


def test_a_process_of_the_same_number_is_not_the_trainer(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    run.job.note(os.getpid())
    assert run.job.process().pid == os.getpid()
    noted = run.folder / "process.json"
    noted.write_text(noted.read_text().replace('"created": ', '"created": 1'))
    assert run.job.process() is None
    assert run.state.status == "failed"


def test_a_zombie_is_dead(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    child = subprocess.Popen([sys.executable, "-c", ""])
    run.job.note(child.pid)
    try:
        wait_for(lambda: run.job.process() is None, 10)
        assert run.state.status == "failed"
    finally:
        child.wait()


def test_damaged_states_are_failures_not_crashes(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    for text in ("", "{", "[]", '{"status": "running", "colour": 3}'):
        (run.folder / "state.json").write_text(text)
        assert run.state.status == "failed"
        assert "state.json" in run.state.message


def test_a_row_without_its_newline_is_not_a_row(faces: Path):
    run = runs.create(tiny_config(faces), 3)
    assert run.metrics() == []
    for epoch in (1, 2, 3):
        run.append_metrics(dict.fromkeys(METRICS, 0.1) | {"epoch": epoch})
    with run.metrics_file.open("a") as file:
        file.write("4,0.5,0.")
    assert [row["epoch"] for row in run.metrics()] == [1, 2, 3]
    run.write_metrics(run.metrics()[:2])
    assert [row["epoch"] for row in run.metrics()] == [1, 2]
    assert run.metrics_file.read_text().endswith("\n")


@pytest.mark.parametrize("run_id", ["", "..", "../runs", "/etc", "a/b", "20260101-000000_x\0", "x" * 300, "never"])
def test_an_id_from_anywhere_finds_no_folder_elsewhere(run_id: str):
    with pytest.raises(UserError, match="There is no run"):
        runs.get(run_id)


def test_runs_of_one_second_have_folders_of_their_own(faces: Path):
    made = [runs.create(tiny_config(faces), 3) for _ in range(4)]
    assert len({run.id for run in made}) == 4
    assert [run.id for run in runs.every()] == sorted((run.id for run in made), reverse=True)
    assert abs(made[0].created.timestamp() - time.time()) < 5
