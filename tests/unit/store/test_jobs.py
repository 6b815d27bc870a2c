"""Background jobs: real processes that tell their progress, are stopped, fail, and are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.schema.errors import UserError
from core.store.files import atomic
from core.store.job_state import State
from core.store.jobs import Job
from core.store.paths import PROJECT
from tests.fixtures.support import wait_for

WORKER = "tests.fixtures.job_worker"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "run" / "work")


def over(job: Job) -> State:
    """How it ended."""
    return wait_for(lambda: (state := job.state) and not state.active and state, 120)


def test_before_the_first_start_there_is_no_state(job: Job):
    assert job.state is None
    with pytest.raises(UserError, match="nothing to stop"):
        job.stop()


def test_a_job_tells_its_progress_and_its_last_word(job: Job):
    job.start(WORKER, str(job.folder), "count")
    halfway = wait_for(lambda: job.state.total and job.state)
    assert halfway.status == "running"
    assert (halfway.message, halfway.total) == ("Counting", 400)
    assert 0 < halfway.progress < 1
    end = over(job)
    assert (end.status, end.message, end.progress) == ("finished", "counted to 400", 1)
    assert "counting aloud" in job.log_file.read_text()


def test_a_job_can_be_stopped_and_started_again(job: Job):
    job.start(WORKER, str(job.folder), "forever")
    wait_for(lambda: job.state.total)
    with pytest.raises(UserError, match="already running"):
        job.start(WORKER, str(job.folder), "count")
    job.stop()
    assert over(job).status == "stopped"
    wait_for(lambda: job.process() is None)
    job.start(WORKER, str(job.folder), "count")
    assert over(job).status == "finished"


def test_long_work_without_steps_is_stopped_at_once(job: Job):
    command = [sys.executable, "-m", "tests.fixtures.job_worker", str(job.folder), "at_once"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["stopped", "refused", "waited"], done.stderr


def test_a_killed_job_has_failed(job: Job):
    job.start(WORKER, str(job.folder), "forever")
    wait_for(lambda: job.state.total)
    job.process().send_signal(signal.SIGKILL)
    end = over(job)
    assert end.status == "failed"
    assert "it was killed" in end.message
    assert json.loads((job.folder / "state.json").read_text())["status"] == "running"


def test_a_job_stopped_while_starting_has_not_failed(job: Job):
    job.start(WORKER, str(job.folder), "forever")
    job.stop()
    assert over(job).status == "stopped"


@pytest.mark.parametrize(
    ("how", "words", "log"),
    [("refuse", "Put the photos back.", ""), ("crash", "ZeroDivisionError: division by zero", "Traceback")],
)
def test_a_job_that_fails_says_why(job: Job, how: str, words: str, log: str):
    job.start(WORKER, str(job.folder), how)
    end = over(job)
    assert (end.status, end.message) == ("failed", words)
    assert log in job.log_file.read_text()


def test_a_process_of_the_same_number_is_not_the_job(job: Job):
    job.folder.mkdir(parents=True)
    job.write(State("running", "Counting", done=1, total=2))
    (job.folder / "process.json").write_text(json.dumps({"pid": os.getpid(), "created": 1.0}))
    assert job.process() is None
    assert job.state.status == "failed"


def test_a_damaged_state_is_a_failure_not_a_crash(job: Job):
    job.folder.mkdir(parents=True)
    for text in ("", "{", "[]", '{"status": "running", "colour": 3}'):
        (job.folder / "state.json").write_text(text)
        assert job.state.status == "failed"


OF_A_RUN = {
    "status": "stopped", "message": "Stopped.", "epoch": 3, "progress": 0.3, "seconds_left": None, "updated": 5.0,
    "started": 1.0, "ended": 4.0,
}  # fmt: skip
OF_A_SUITE = {"status": "stopped", "message": "Reading", "done": 3, "total": 10, "updated": 5.0}


@pytest.mark.parametrize("written", [OF_A_RUN, OF_A_SUITE], ids=["run", "suite"])
def test_a_state_of_the_last_release_is_read(job: Job, written: dict):
    job.folder.mkdir(parents=True)
    (job.folder / "state.json").write_text(json.dumps(written))
    assert {name: getattr(job.state, name) for name in written} == written


def test_a_state_holds_what_its_sort_of_job_knows_and_no_more(job: Job):
    job.folder.mkdir(parents=True)
    for state, names in (
        (State("running", "Epoch 2 of 8", epoch=1, progress=0.2, seconds_left=9.0), {"epoch", "seconds_left"}),
        (State("running", "Counting", progress=0.2, done=1, total=5), {"done", "total"}),
    ):
        job.write(state)
        written = json.loads((job.folder / "state.json").read_text())
        assert set(written) == {"status", "message", "progress", "updated", "digest"} | names


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "results" / "numbers.json"
    path.parent.mkdir()
    atomic.write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        atomic.write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert [item.name for item in path.parent.iterdir()] == ["numbers.json"]
